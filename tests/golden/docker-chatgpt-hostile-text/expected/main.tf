terraform {
  required_version = ">= 1.9"

  required_providers {
    coder = {
      source  = "coder/coder"
      version = "~> 2.16"
    }
    docker = {
      source  = "kreuzwerker/docker"
      version = "~> 3.0"
    }
  }
}

variable "docker_host" {
  type        = string
  description = "Docker endpoint, such as tcp://docker.example.com:2376; empty for the local socket."
  default     = ""
}

variable "workspace_image" {
  type        = string
  description = "Image of the workspace container; it needs bash, curl, git and a user named coder."
  default     = "codercom/enterprise-base:ubuntu"
}

provider "docker" {
  host = var.docker_host == "" ? null : var.docker_host
}

data "coder_provisioner" "me" {}

data "coder_workspace" "me" {}

data "coder_workspace_owner" "me" {}

locals {
  owner_name = coalesce(data.coder_workspace_owner.me.full_name, data.coder_workspace_owner.me.name)

  labels = {
    "coder.owner"        = data.coder_workspace_owner.me.name
    "coder.owner_id"     = data.coder_workspace_owner.me.id
    "coder.workspace_id" = data.coder_workspace.me.id
  }
}

data "coder_parameter" "memory_gb" {
  name         = "memory_gb"
  display_name = "Memory (GB)"
  description  = "Memory limit of the workspace container."
  type         = "number"
  form_type    = "slider"
  default      = "4"
  mutable      = true
  order        = 10

  validation {
    min = 2
    max = 32
  }
}

data "coder_workspace_preset" "small" {
  name        = "Small"
  description = "4 GB of memory"
  icon        = "/icon/docker.svg"

  parameters = {
    memory_gb = "4"
  }
}

data "coder_workspace_preset" "large" {
  name        = "Large"
  description = "16 GB of memory"
  icon        = "/icon/docker.svg"

  parameters = {
    memory_gb = "16"
  }
}

resource "coder_agent" "main" {
  arch = data.coder_provisioner.me.arch
  os   = "linux"

  startup_script = <<-EOT
    set -e

    # The home volume starts empty: fill it from the image once.
    if [ ! -f ~/.init_done ]; then
      cp -rT /etc/skel ~
      touch ~/.init_done
    fi
  EOT

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

resource "docker_volume" "home" {
  name = "coder-${data.coder_workspace.me.id}-home"

  # A renamed user or workspace must not cost anybody their files.
  lifecycle {
    ignore_changes = all
  }

  dynamic "labels" {
    for_each = local.labels

    content {
      label = labels.key
      value = labels.value
    }
  }
}

resource "docker_container" "workspace" {
  count = data.coder_workspace.me.start_count

  image    = var.workspace_image
  name     = "coder-${data.coder_workspace_owner.me.name}-${lower(data.coder_workspace.me.name)}"
  hostname = data.coder_workspace.me.name
  memory   = data.coder_parameter.memory_gb.value * 1024

  # A deployment on this very host is reached through Docker's gateway.
  entrypoint = ["sh", "-c", replace(coder_agent.main.init_script, "/localhost|127\\.0\\.0\\.1/", "host.docker.internal")]
  env        = ["CODER_AGENT_TOKEN=${coder_agent.main.token}"]

  host {
    host = "host.docker.internal"
    ip   = "host-gateway"
  }

  volumes {
    container_path = "/home/coder"
    volume_name    = docker_volume.home.name
    read_only      = false
  }

  dynamic "labels" {
    for_each = merge(local.labels, { "coder.workspace_name" = data.coder_workspace.me.name })

    content {
      label = labels.key
      value = labels.value
    }
  }
}

resource "coder_metadata" "workspace" {
  count = data.coder_workspace.me.start_count

  resource_id = docker_container.workspace[0].id

  item {
    key   = "image"
    value = var.workspace_image
  }

  item {
    key   = "memory"
    value = "${data.coder_parameter.memory_gb.value} GB"
  }
}

resource "coder_metadata" "home" {
  resource_id = docker_volume.home.id

  item {
    key   = "persistent"
    value = "/home/coder"
  }
}
