# Codex in the flow "byok": the user's own OpenAI key is the bearer; the gateway token has a header of its own.
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
    name  = "gpt-5.6-sol"
    value = "gpt-5.6-sol"
  }
}

data "coder_parameter" "codex_model_reasoning_effort" {
  name         = "codex_model_reasoning_effort"
  display_name = "Reasoning effort"
  description  = "How long Codex thinks before it answers."
  type         = "string"
  form_type    = "dropdown"
  default      = "low"
  mutable      = true
  order        = 21

  option {
    name  = "low"
    value = "low"
  }

  option {
    name  = "high"
    value = "high"
  }
}

data "coder_workspace_preset" "codex_quick" {
  name = "quick"

  parameters = {
    codex_model_reasoning_effort = "low"
  }
}

data "coder_workspace_preset" "codex_review" {
  name        = "review"
  description = "A long look"
  default     = true

  parameters = {
    codex_model                  = "gpt-5.6-sol"
    codex_model_reasoning_effort = "high"
    memory_gb                    = "16"
  }
}

data "coder_secret" "openai_api_key" {
  env          = "OPENAI_API_KEY"
  help_message = "Your own OpenAI key. For all your workspaces, pipe it once into `coder secret create openai --env OPENAI_API_KEY` and restart; elsewhere, export it."
}

data "coder_task" "me" {}

module "codex" {
  count = data.coder_workspace.me.start_count

  source         = "./modules/codex"
  agent_id       = coder_agent.main.id
  workdir        = "/home/coder/a project"
  codex_version  = "0.169.0"
  install_source = "release"
  artifact_url   = "https://mirror.example.com/codex/{version}/codex-package-{target}.tar.gz"
  credential     = "env_key"
  sync_after     = ["git-clone"]

  base_config_toml = <<-TOML
    model_provider = "ai_gateway"
    model = "${data.coder_parameter.codex_model.value}"
    model_reasoning_effort = "${data.coder_parameter.codex_model_reasoning_effort.value}"
    service_tier = "flex"

    [projects."/home/coder/a project"]
    trust_level = "trusted"

    [mcp_servers.files]
    command = "npx"
    args = ["-y", "server-files", "/home/coder"]
    env = {LOG_LEVEL = "warn"}
    env_vars = ["FILES_TOKEN"]

    [mcp_servers.issues]
    url = "https://mcp.example.com/mcp"
    bearer_token_env_var = "ISSUES_TOKEN"
    enabled_tools = ["search"]
    tool_timeout_sec = 120

    [model_providers.ai_gateway]
    name = "Coder AI Gateway"
    base_url = "${data.coder_workspace.me.access_url}/api/v2/aibridge/openai/v1"
    wire_api = "responses"
    env_key = "OPENAI_API_KEY"
    env_key_instructions = "Your own OpenAI key. For all your workspaces, pipe it once into `coder secret create openai --env OPENAI_API_KEY` and restart; elsewhere, export it."
    env_http_headers = {X-Coder-AI-Governance-Token = "CODER_API_TOKEN"}
  TOML

  artifact_sha256 = {
    "x86_64-unknown-linux-musl" = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
  }

  profiles = {
    deep  = <<-TOML
      model_reasoning_effort = "high"
    TOML
    plain = ""
  }

  pre_install_script = <<-SH
    echo before
  SH

  post_install_script = <<-SH
    if [ -n "$${HOME}" ]; then
      echo "after, 100 %%{ not a directive }"
    fi
  SH
}

# Codex sends CODER_API_TOKEN in the header X-Coder-AI-Governance-Token.
resource "coder_env" "coder_api_token" {
  agent_id = coder_agent.main.id
  name     = "CODER_API_TOKEN"
  value    = data.coder_workspace_owner.me.session_token
}

# The app gives Codex this to begin with.
resource "coder_env" "codex_task_prompt" {
  agent_id = coder_agent.main.id
  name     = "CODEX_TASK_PROMPT"
  value    = data.coder_task.me.prompt
}

resource "coder_app" "codex" {
  agent_id     = coder_agent.main.id
  slug         = "codex"
  display_name = "Codex"
  icon         = "/icon/openai.svg"

  command = <<-SH
    exec bash -c 'export PATH="$HOME/.local/bin:$PATH"
    cd '"'"'/home/coder/a project'"'"' || exit
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
