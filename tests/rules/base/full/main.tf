terraform {
  required_version = ">= 1.9"

  required_providers {
    coder = {
      source  = "coder/coder"
      version = "~> 2.12"
    }
    docker = {
      source  = "kreuzwerker/docker"
      version = "~> 3.0"
    }
  }
}

variable "docker_host" {
  type        = string
  description = "Docker endpoint; empty for the local socket."
  default     = ""
}

variable "builder_hosts" {
  type        = map(string)
  description = "Names of machines and their addresses, for /etc/hosts."
  default     = { cache = "10.0.0.2" }
  nullable    = false

  validation {
    condition     = length(var.builder_hosts) < 10
    error_message = "Name fewer than ten machines."
  }
}

variable "openai_api_key" {
  type        = string
  description = "Key that the gateway hands on to OpenAI."
  sensitive   = true
}

provider "docker" {
  host = var.docker_host == "" ? null : var.docker_host
}

provider "docker" {
  alias = "registry"
}

data "coder_provisioner" "me" {}

data "coder_workspace" "me" {}

data "coder_workspace_owner" "me" {}

data "docker_registry_image" "workspace" {
  provider = docker.registry
  name     = "codercom/enterprise-base:ubuntu-20260101"
}

locals {
  image      = "${data.docker_registry_image.workspace.name}@${data.docker_registry_image.workspace.sha256_digest}"
  owner_name = coalesce(data.coder_workspace_owner.me.full_name, data.coder_workspace_owner.me.name)
  access_url = trimsuffix(data.coder_workspace.me.access_url, "/")
  mebibytes  = 1024 * tonumber(data.coder_parameter.memory_gb.value)
}

resource "coder_agent" "main" {
  arch = data.coder_provisioner.me.arch
  os   = "linux"

  startup_script = <<-EOT
    set -e
    touch ~/.init_done
  EOT

  env = {
    EDITOR           = "vim"
    GIT_AUTHOR_NAME  = local.owner_name
    GIT_AUTHOR_EMAIL = data.coder_workspace_owner.me.email
  }

  display_apps {
    vscode       = true
    web_terminal = true
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

  resources_monitoring {
    memory {
      enabled   = true
      threshold = 90
    }

    volume {
      enabled   = true
      path      = "/home/coder"
      threshold = 90
    }
  }
}

resource "coder_agent" "database" {
  count = 1

  arch = "amd64"
  os   = "linux"
}

module "home" {
  source = "./modules/home"

  id   = data.coder_workspace.me.id
  host = "local"
}

resource "docker_container" "workspace" {
  count = data.coder_workspace.me.start_count

  image      = local.image
  name       = "coder-${data.coder_workspace_owner.me.name}-${lower(data.coder_workspace.me.name)}"
  hostname   = data.coder_workspace.me.name
  memory     = local.mebibytes
  entrypoint = ["sh", "-c", coder_agent.main.init_script]
  env        = ["CODER_AGENT_TOKEN=${coder_agent.main.token}"]

  volumes {
    container_path = "/home/coder"
    volume_name    = module.home.volume_name
  }

  dynamic "host" {
    for_each = var.builder_hosts

    content {
      host = host.key
      ip   = host.value
    }
  }
}

resource "docker_container" "database" {
  count = data.coder_workspace.me.start_count

  image      = "codercom/enterprise-base:ubuntu-20260101"
  name       = "coder-${data.coder_workspace.me.id}-database"
  entrypoint = ["sh", "-c", coder_agent.database[0].init_script]
  env        = ["CODER_AGENT_TOKEN=${coder_agent.database[0].token}"]
  depends_on = [docker_network.private]
}

resource "docker_network" "private" {
  name = "coder-${data.coder_workspace.me.id}"
}

resource "coder_metadata" "network" {
  resource_id = docker_network.private.id

  item {
    key   = "name"
    value = docker_network.private.name
  }

  item {
    key   = "machines"
    value = length(var.builder_hosts)
  }
}

output "workspace_url" {
  value       = "${local.access_url}/@${data.coder_workspace_owner.me.name}"
  description = "Where the owner's workspaces are."
}
