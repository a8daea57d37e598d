# Codex in the flow "centralized": the gateway holds the provider key; Codex sends the gateway token as its bearer.
# Written by provisioner 0.1.0 from a spec; change the spec and render again.

module "codex" {
  count = data.coder_workspace.me.start_count

  source         = "./modules/codex"
  agent_id       = coder_agent.main.id
  workdir        = "/home/coder"
  codex_version  = "0.169.0"
  install_source = "npm"
  credential     = "env_key"

  base_config_toml = <<-TOML
    model_provider = "ai_gateway"

    [projects."/home/coder"]
    trust_level = "trusted"

    [model_providers.ai_gateway]
    name = "Coder AI Gateway"
    base_url = "${data.coder_workspace.me.access_url}/api/v2/aibridge/openai/v1"
    wire_api = "responses"
    env_key = "CODER_API_TOKEN"
  TOML
}

# Codex sends CODER_API_TOKEN in the header X-Coder-AI-Governance-Token.
resource "coder_env" "coder_api_token" {
  agent_id = coder_agent.main.id
  name     = "CODER_API_TOKEN"
  value    = data.coder_workspace_owner.me.session_token
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
