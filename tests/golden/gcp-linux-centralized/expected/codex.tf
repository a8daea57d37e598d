# Codex in the flow "centralized": the gateway holds the provider key; Codex sends the gateway token as its bearer.
# Written by provisioner 0.1.0 from a spec; change the spec and render again.

module "codex" {
  count = data.coder_workspace.me.start_count

  source            = "registry.coder.com/coder-labs/codex/coder"
  version           = "~> 5.0"
  agent_id          = coder_agent.main.id
  workdir           = "/home/coder"
  codex_version     = "0.169.0"
  enable_ai_gateway = true

  base_config_toml = <<-TOML
    model_provider = "aigateway"

    [projects."/home/coder"]
    trust_level = "trusted"
  TOML
}

resource "coder_app" "codex" {
  agent_id     = coder_agent.main.id
  slug         = "codex"
  display_name = "Codex"
  icon         = "/icon/openai.svg"

  command = <<-SH
    exec bash -c 'export PATH="$HOME/.local/bin:$PATH"
    cd /home/coder || exit
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
