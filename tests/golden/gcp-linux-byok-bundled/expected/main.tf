terraform {
  required_version = ">= 1.9"

  required_providers {
    coder = {
      source  = "coder/coder"
      version = "~> 2.16"
    }
    google = {
      source  = "hashicorp/google"
      version = ">= 5.0, < 8.0"
    }
  }
}

variable "project" {
  type        = string
  description = "Project of the machines; empty for that of the Coder provisioner's own credentials."
  default     = ""
}

variable "network" {
  type        = string
  description = "Network of the machines, where no subnetwork is given."
  default     = "default"
}

variable "subnetwork" {
  type        = string
  description = "Subnetwork of the machines, in the region of the zones that users may choose; empty for that of the network."
  default     = ""
}

variable "public_ip" {
  type        = bool
  description = "Give each machine an address of its own to reach the internet; without one, the network needs Cloud NAT."
  default     = true
}

variable "service_account" {
  type        = string
  description = "E-mail address of the service account that every workspace gets; empty for none, so that it has no rights in Google Cloud."
  default     = ""
}

provider "google" {
  project = var.project == "" ? null : var.project
}

data "coder_workspace" "me" {}

data "coder_workspace_owner" "me" {}

locals {
  owner_name = coalesce(data.coder_workspace_owner.me.full_name, data.coder_workspace_owner.me.name)

  labels = {
    coder_owner        = lower(data.coder_workspace_owner.me.name)
    coder_owner_id     = data.coder_workspace_owner.me.id
    coder_workspace    = lower(data.coder_workspace.me.name)
    coder_workspace_id = data.coder_workspace.me.id
  }
}

resource "coder_agent" "main" {
  arch = "amd64"
  os   = "linux"

  startup_script = <<-EOT
    set -e

    # The home volume starts empty: fill it once.
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

resource "google_compute_disk" "home" {
  name   = "coder-${data.coder_workspace.me.id}-home"
  zone   = data.coder_parameter.zone.value
  type   = "pd-balanced"
  size   = data.coder_parameter.home_gb.value
  labels = local.labels

  # Only the size and the labels may change: nothing else is worth anybody's files.
  lifecycle {
    ignore_changes = [name, zone, type, project, image, snapshot]
  }
}

resource "google_compute_instance" "workspace" {
  count = data.coder_workspace.me.start_count

  name         = "coder-${data.coder_workspace.me.id}"
  zone         = google_compute_disk.home.zone
  project      = google_compute_disk.home.project
  machine_type = data.coder_parameter.machine_type.value
  labels       = local.labels

  boot_disk {
    initialize_params {
      image = "ubuntu-os-cloud/ubuntu-2404-lts-amd64"
      size  = 30
      type  = "pd-balanced"
    }
  }

  attached_disk {
    source      = google_compute_disk.home.self_link
    device_name = "home"
  }

  network_interface {
    network    = var.subnetwork == "" ? var.network : null
    subnetwork = var.subnetwork == "" ? null : var.subnetwork

    dynamic "access_config" {
      for_each = var.public_ip ? [1] : []

      content {}
    }
  }

  shielded_instance_config {
    enable_secure_boot          = true
    enable_vtpm                 = true
    enable_integrity_monitoring = true
  }

  dynamic "service_account" {
    for_each = var.service_account == "" ? [] : [var.service_account]

    content {
      email  = service_account.value
      scopes = ["cloud-platform"]
    }
  }

  metadata = {
    block-project-ssh-keys = "true"

    startup-script = templatefile("${path.module}/boot/start.sh.tftpl", {
      home_devices = ["/dev/disk/by-id/google-home"]
      init_script  = base64encode(coder_agent.main.init_script)
      token        = coder_agent.main.token
    })
  }
}

resource "coder_metadata" "workspace" {
  count = data.coder_workspace.me.start_count

  resource_id = google_compute_instance.workspace[0].id

  item {
    key   = "zone"
    value = google_compute_instance.workspace[0].zone
  }

  item {
    key   = "type"
    value = google_compute_instance.workspace[0].machine_type
  }
}

resource "coder_metadata" "home" {
  resource_id = google_compute_disk.home.id

  item {
    key   = "persistent"
    value = "/home/coder"
  }

  item {
    key   = "size"
    value = "${data.coder_parameter.home_gb.value} GB"
  }
}
