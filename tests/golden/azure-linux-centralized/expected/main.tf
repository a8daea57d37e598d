terraform {
  required_version = ">= 1.9"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 4.0"
    }
    cloudinit = {
      source  = "hashicorp/cloudinit"
      version = "~> 2.3"
    }
    coder = {
      source  = "coder/coder"
      version = "~> 2.16"
    }
    tls = {
      source  = "hashicorp/tls"
      version = "~> 4.0"
    }
  }
}

variable "subscription_id" {
  type        = string
  description = "Subscription of the machines; empty for the one in ARM_SUBSCRIPTION_ID of the Coder provisioner."
  default     = ""
}

provider "azurerm" {
  subscription_id = var.subscription_id == "" ? null : var.subscription_id

  features {}
}

data "coder_workspace" "me" {}

data "coder_workspace_owner" "me" {}

locals {
  owner_name = coalesce(data.coder_workspace_owner.me.full_name, data.coder_workspace_owner.me.name)

  tags = {
    coder_owner        = data.coder_workspace_owner.me.name
    coder_owner_id     = data.coder_workspace_owner.me.id
    coder_workspace    = data.coder_workspace.me.name
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

data "cloudinit_config" "boot" {
  gzip          = true
  base64_encode = true

  part {
    filename     = "cloud-config.yaml"
    content_type = "text/cloud-config"

    content = templatefile("${path.module}/boot/cloud-config.yaml.tftpl", {
      hostname = lower(data.coder_workspace.me.name)
    })
  }

  part {
    filename     = "start.sh"
    content_type = "text/x-shellscript"

    content = templatefile("${path.module}/boot/start.sh.tftpl", {
      # The first name is that of disks on SCSI, the second of those on NVMe.
      home_devices = ["/dev/disk/azure/scsi1/lun10", "/dev/disk/azure/data/by-lun/10"]
      init_script  = base64encode(coder_agent.main.init_script)
      token        = coder_agent.main.token
    })
  }
}

# A group for each workspace, named after what never changes: a renamed user must not cost anybody
# their files.
resource "azurerm_resource_group" "workspace" {
  name     = "coder-${data.coder_workspace.me.id}"
  location = data.coder_parameter.location.value
  tags     = local.tags

  lifecycle {
    ignore_changes = [name, location]
  }
}

resource "azurerm_managed_disk" "home" {
  name                          = "home"
  resource_group_name           = azurerm_resource_group.workspace.name
  location                      = azurerm_resource_group.workspace.location
  storage_account_type          = "StandardSSD_LRS"
  create_option                 = "Empty"
  disk_size_gb                  = data.coder_parameter.home_gb.value
  public_network_access_enabled = false
  network_access_policy         = "DenyAll"
  tags                          = local.tags

  # Only the size and the tags may change.
  lifecycle {
    ignore_changes = [name, resource_group_name, location, create_option, zone]
  }
}

# Azure wants a key or a password for the first user; nobody gets to see this key.
resource "tls_private_key" "unused" {
  algorithm = "RSA"
  rsa_bits  = 4096
}

resource "azurerm_linux_virtual_machine" "workspace" {
  count = data.coder_workspace.me.start_count

  name                  = "workspace"
  resource_group_name   = azurerm_resource_group.workspace.name
  location              = azurerm_resource_group.workspace.location
  size                  = data.coder_parameter.size.value
  computer_name         = lower(data.coder_workspace.me.name)
  network_interface_ids = [azurerm_network_interface.workspace[0].id]
  custom_data           = data.cloudinit_config.boot.rendered
  admin_username        = "azureuser"
  secure_boot_enabled   = true
  vtpm_enabled          = true
  tags                  = local.tags

  admin_ssh_key {
    username   = "azureuser"
    public_key = tls_private_key.unused.public_key_openssh
  }

  os_disk {
    caching              = "ReadWrite"
    storage_account_type = "StandardSSD_LRS"
  }

  source_image_reference {
    publisher = "Canonical"
    offer     = "ubuntu-24_04-lts"
    sku       = "server"
    version   = "latest"
  }
}

resource "azurerm_virtual_machine_data_disk_attachment" "home" {
  count = data.coder_workspace.me.start_count

  managed_disk_id    = azurerm_managed_disk.home.id
  virtual_machine_id = azurerm_linux_virtual_machine.workspace[0].id
  lun                = 10
  caching            = "ReadWrite"
}

resource "coder_metadata" "workspace" {
  count = data.coder_workspace.me.start_count

  resource_id = azurerm_linux_virtual_machine.workspace[0].id

  item {
    key   = "region"
    value = azurerm_linux_virtual_machine.workspace[0].location
  }

  item {
    key   = "type"
    value = azurerm_linux_virtual_machine.workspace[0].size
  }
}

resource "coder_metadata" "home" {
  resource_id = azurerm_managed_disk.home.id

  item {
    key   = "persistent"
    value = "/home/coder"
  }

  item {
    key   = "size"
    value = "${data.coder_parameter.home_gb.value} GB"
  }
}
