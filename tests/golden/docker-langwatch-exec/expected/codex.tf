# Codex in the flow "centralized": the gateway holds the provider key; Codex sends the gateway token as its bearer.
# Written by provisioner 0.1.0 from a spec; change the spec and render again.

module "codex" {
  count = data.coder_workspace.me.start_count

  source        = "registry.coder.com/coder-labs/codex/coder"
  version       = "~> 5.0"
  agent_id      = coder_agent.main.id
  workdir       = "/home/coder"
  codex_version = "0.169.0"

  base_config_toml = <<-TOML
    model_provider = "langwatch"

    [projects."/home/coder"]
    trust_level = "trusted"

    [model_providers.langwatch]
    name = "LangWatch"
    base_url = "https://gateway.langwatch.ai/v1"
    wire_api = "responses"
    requires_openai_auth = true
  TOML
}
