terraform {
  required_version = ">= 1.9"

  required_providers {
    coder = {
      source  = "coder/coder"
      version = "~> 2.16"
    }
  }
}

data "coder_provisioner" "me" {}

data "coder_workspace" "me" {}

data "coder_workspace_owner" "me" {}

locals {
  owner_name = coalesce(data.coder_workspace_owner.me.full_name, data.coder_workspace_owner.me.name)
}

data "coder_parameter" "greeting" {
  name         = "greeting"
  display_name = "Greeting"
  description  = "What the script at the start of the agent says."
  type         = "string"
  form_type    = "input"
  default      = "The agent runs."
  mutable      = true
  order        = 10
}

data "coder_workspace_preset" "default" {
  name        = "Default"
  description = "An agent without compute"
  icon        = "/icon/coder.svg"

  parameters = {
    greeting = "The agent runs."
  }
}

resource "coder_agent" "main" {
  arch = data.coder_provisioner.me.arch
  os   = "linux"

  env = {
    GIT_AUTHOR_NAME     = local.owner_name
    GIT_AUTHOR_EMAIL    = data.coder_workspace_owner.me.email
    GIT_COMMITTER_NAME  = local.owner_name
    GIT_COMMITTER_EMAIL = data.coder_workspace_owner.me.email
  }

  metadata {
    key          = "0_cpu"
    display_name = "CPU"
    script       = "coder stat cpu"
    interval     = 10
    timeout      = 1
  }

  metadata {
    key          = "1_memory"
    display_name = "Memory"
    script       = "coder stat mem"
    interval     = 10
    timeout      = 1
  }

  metadata {
    key          = "2_home"
    display_name = "Home disk"
    script       = "coder stat disk --path $${HOME}"
    interval     = 60
    timeout      = 1
  }

  metadata {
    key          = "3_codex"
    display_name = "Codex"
    script       = "PATH=\"$${HOME}/.local/bin:$${PATH}\" codex --version 2>/dev/null || echo installing"
    interval     = 300
    timeout      = 5
  }
}

resource "coder_script" "greeting" {
  agent_id     = coder_agent.main.id
  display_name = "Greeting"
  icon         = "/icon/terminal.svg"
  run_on_start = true

  script = <<-EOT
    #!/bin/sh
    echo '${base64encode(data.coder_parameter.greeting.value)}' | base64 -d
    echo
  EOT
}

# There is no compute for the agent to show up at in the dashboard.
resource "terraform_data" "workspace" {
  count = data.coder_workspace.me.start_count

  input = coder_agent.main.id
}
