resource "coder_script" "checkout" {
  agent_id           = coder_agent.main.id
  display_name       = "Checkout"
  run_on_start       = true
  start_blocks_login = true

  script = <<-EOT
    set -eu
    if [ "${data.coder_parameter.reset.value}" = "true" ]; then rm -rf ~/project; fi
    curl -fsSL https://tools.example.com/install.sh | sh
    git -C ~/project switch "${data.coder_parameter.branch.value}"
  EOT
}

resource "coder_script" "cleanup" {
  agent_id     = coder_agent.main.id
  display_name = "Cleanup"
  cron         = "0 0 22 * * *"
  script       = "docker system prune --force"
}

resource "coder_app" "editor" {
  agent_id     = coder_agent.main.id
  slug         = "editor"
  display_name = "Editor"
  icon         = "/icon/code.svg"
  url          = "http://localhost:13337"
  share        = "owner"
  subdomain    = true

  healthcheck {
    url       = "http://localhost:13337/healthz"
    interval  = 5
    threshold = 6
  }
}

resource "coder_app" "docs" {
  agent_id     = coder_agent.main.id
  slug         = "docs"
  display_name = "Docs"
  icon         = "/icon/book.svg"
  url          = "https://docs.example.com/${data.coder_parameter.region.value}"
  external     = true
}

resource "coder_app" "guests" {
  agent_id     = coder_agent.main.id
  slug         = "guests"
  display_name = "Guests"
  url          = "http://localhost:8080"
  share        = "public" # provisioner: ignore[PRV113] a static page that is meant to be public
}

resource "coder_env" "pager" {
  agent_id = coder_agent.main.id
  name     = "PAGER"
  value    = "less"
}
