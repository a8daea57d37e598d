terraform {
  required_version = ">= 1.9"

  required_providers {
    docker = {
      source  = "kreuzwerker/docker"
      version = "~> 3.0"
    }
  }
}

variable "id" {
  type        = string
  description = "Id of the workspace."
}

variable "host" {
  type        = string
  description = "Label of the machine."
  default     = ""
}

resource "docker_volume" "home" {
  name = "coder-${var.id}-home"

  labels {
    label = "host"
    value = var.host
  }

  lifecycle {
    ignore_changes = all
  }
}

output "volume_name" {
  value       = docker_volume.home.name
  description = "Name of the volume."
}
