# Codex in the flow "centralized": the gateway holds the provider key; Codex sends the gateway token as its bearer.
# Written by provisioner 0.1.0 from a spec; change the spec and render again.

data "coder_parameter" "codex_model" {
  name         = "codex_model"
  display_name = "Codex model"
  description  = "Model that Codex uses unless told otherwise."
  type         = "string"
  form_type    = "dropdown"
  default      = "gpt-5.5"
  mutable      = true
  order        = 20

  option {
    name  = "gpt-5.5"
    value = "gpt-5.5"
  }

  option {
    name  = "gpt-5.4"
    value = "gpt-5.4"
  }
}

module "codex" {
  count = data.coder_workspace.me.start_count

  source              = "registry.coder.com/coder-labs/codex/coder"
  version             = "~> 4.3"
  agent_id            = coder_agent.main.id
  workdir             = "/home/coder/project"
  codex_version       = "0.169.0"
  enable_aibridge     = true
  codex_model         = ""
  codex_system_prompt = ""
  report_tasks        = false

  base_config_toml = <<-TOML
    model_provider = "aibridge"
    model = "${data.coder_parameter.codex_model.value}"

    [projects."/home/coder/project"]
    trust_level = "trusted"

    [mcp_servers.docs]
    command = "docs-server"
  TOML

  post_install_script = <<-SH
    set -eu
    umask 077
    mkdir -p "$HOME/.codex"
    printf '%s' 'IyBXcml0dGVuIGJ5IHRoZSB0ZW1wbGF0ZSBhdCBlYWNoIHN0YXJ0Lgptb2RlbF9yZWFzb25pbmdfZWZmb3J0ID0gImxvdyIK' | base64 -d > "$HOME/.codex/quick.config.toml"
  SH
}

resource "coder_app" "codex" {
  agent_id     = coder_agent.main.id
  slug         = "codex-terminal"
  display_name = "Codex terminal"
  icon         = "/icon/openai.svg"

  command = <<-SH
    exec bash -c 'export PATH="$HOME/.npm-global/bin:$PATH"
    [ ! -s "$HOME/.nvm/nvm.sh" ] || . "$HOME/.nvm/nvm.sh"
    cd /home/coder/project || exit
    tries=0
    until command -v codex >/dev/null || [ "$tries" -ge 300 ]; do
      [ "$tries" -gt 0 ] || echo "Waiting until Codex is installed ..."
      tries=$((tries + 1))
      sleep 1
    done
    exec codex
    '
  SH
}
