module "codex" {
  count = data.coder_workspace.me.start_count

  source         = "registry.coder.com/coder-labs/codex/coder"
  version        = "~> 5.0"
  agent_id       = coder_agent.main.id
  workdir        = "/home/coder"
  codex_version  = "0.169.0"
  openai_api_key = var.openai_api_key

  base_config_toml = <<-TOML
    model_provider = "ai_gateway"
    model = "gpt-5.5"
    approval_policy = "on-request"
    sandbox_mode = "workspace-write"

    [projects."/home/coder"]
    trust_level = "trusted"

    [model_providers.ai_gateway]
    name = "Coder AI Gateway"
    base_url = "${local.access_url}/api/v2/aibridge/openai/v1"
    wire_api = "responses"
    requires_openai_auth = true
    env_http_headers = {X-Coder-AI-Governance-Token = "CODER_API_TOKEN"}
  TOML
}

resource "coder_env" "coder_api_token" {
  agent_id = coder_agent.main.id
  name     = "CODER_API_TOKEN"
  value    = data.coder_workspace_owner.me.session_token
}
