# Codex in the flow "centralized": the gateway holds the provider key; Codex sends the gateway token as its bearer.
# Written by provisioner 0.1.0 from a spec; change the spec and render again.

data "coder_task" "me" {}

module "codex" {
  count = data.coder_workspace.me.start_count

  source              = "registry.coder.com/coder-labs/codex/coder"
  version             = "~> 4.3.1"
  agent_id            = coder_agent.main.id
  workdir             = "/home/coder"
  codex_version       = "0.134.0"
  codex_model         = ""
  codex_system_prompt = ""
  report_tasks        = false

  base_config_toml = <<-TOML
    model_provider = "langwatch"
    model = "gpt-4o-mini"

    [projects."/home/coder"]
    trust_level = "trusted"

    [model_providers.langwatch]
    name = "LangWatch"
    base_url = "https://gateway.langwatch.ai/v1"
    wire_api = "responses"
    env_key = "LANGWATCH_VK"
    env_key_instructions = "Set it to a LangWatch virtual key, which starts with vk-lw-."
  TOML
}

# The app gives Codex this to begin with.
resource "coder_env" "codex_task_prompt" {
  agent_id = coder_agent.main.id
  name     = "CODEX_TASK_PROMPT"
  value    = data.coder_task.me.prompt
}

resource "coder_app" "codex" {
  agent_id     = coder_agent.main.id
  slug         = "codex-terminal"
  display_name = "Codex terminal"
  icon         = "/icon/openai.svg"

  command = <<-SH
    exec bash -c 'export PATH="$HOME/.npm-global/bin:$PATH"
    [ ! -s "$HOME/.nvm/nvm.sh" ] || . "$HOME/.nvm/nvm.sh"
    cd /home/coder || exit
    tries=0
    until command -v codex >/dev/null || [ "$tries" -ge 300 ]; do
      [ "$tries" -gt 0 ] || echo "Waiting until Codex is installed ..."
      tries=$((tries + 1))
      sleep 1
    done
    if [ -n "$${CODEX_TASK_PROMPT:-}" ] && mkdir "$HOME/.codex-task-begun" 2>/dev/null; then
      exec codex -- "$CODEX_TASK_PROMPT"
    fi
    exec codex
    '
  SH
}

resource "coder_ai_task" "codex" {
  app_id = coder_app.codex.id
}
