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
    model_provider = "router"
    model = "gpt-5.5"

    [projects."/home/coder"]
    trust_level = "trusted"

    [model_providers.router]
    name = "Auto AI Router"
    base_url = "https://router.example.com/v1"
    wire_api = "responses"
    env_key = "AUTO_AI_ROUTER_KEY"
    env_key_instructions = "Set it to the router's master key, or a key it knows."
    stream_idle_timeout_ms = 10000000
  TOML

  post_install_script = <<-SH
    set -eu
    umask 077
    mkdir -p "$HOME/.codex"
    printf '%s' 'IyBXcml0dGVuIGJ5IHRoZSB0ZW1wbGF0ZSBhdCBlYWNoIHN0YXJ0Lgptb2RlbCA9ICJjbGF1ZGUtb3B1cyIKbW9kZWxfY29udGV4dF93aW5kb3cgPSAyMDAwMDAKd2ViX3NlYXJjaCA9ICJkaXNhYmxlZCIK' | base64 -d > "$HOME/.codex/claude.config.toml"
    printf '%s' 'IyBXcml0dGVuIGJ5IHRoZSB0ZW1wbGF0ZSBhdCBlYWNoIHN0YXJ0Lgptb2RlbCA9ICJnZW1pbmktcHJvIgptb2RlbF9jb250ZXh0X3dpbmRvdyA9IDEwMDAwMDAKd2ViX3NlYXJjaCA9ICJkaXNhYmxlZCIK' | base64 -d > "$HOME/.codex/gemini.config.toml"
  SH
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
