terraform {
  required_version = ">= 1.9"

  required_providers {
    aws = {
      source  = "hashicorp/aws"
      version = ">= 5.0, < 7.0"
    }
    cloudinit = {
      source  = "hashicorp/cloudinit"
      version = "~> 2.3"
    }
    coder = {
      source  = "coder/coder"
      version = "~> 2.16"
    }
  }
}

variable "subnet_id" {
  type        = string
  description = "Subnet of the instances; empty for the default network of the region that the user chooses."
  default     = ""
}

variable "instance_profile" {
  type        = string
  description = "IAM instance profile that every workspace gets; empty for none, so that it has no rights in AWS."
  default     = ""
}

provider "aws" {
  region = data.coder_parameter.region.value

  default_tags {
    tags = {
      "coder:owner"        = data.coder_workspace_owner.me.name
      "coder:owner_id"     = data.coder_workspace_owner.me.id
      "coder:workspace"    = data.coder_workspace.me.name
      "coder:workspace_id" = data.coder_workspace.me.id
    }
  }
}

data "coder_workspace" "me" {}

data "coder_workspace_owner" "me" {}

locals {
  owner_name = coalesce(data.coder_workspace_owner.me.full_name, data.coder_workspace_owner.me.name)

  # Both families have these sizes; the architecture of a workspace stays what it is.
  families = {
    amd64 = "t3"
    arm64 = "t4g"
  }

  architecture = data.coder_parameter.architecture.value
  # With a subnet, the disk must be where that is.
  availability_zone = coalesce(one(data.aws_subnet.chosen[*].availability_zone), data.aws_availability_zones.open.names[0])
}

resource "coder_agent" "main" {
  arch = local.architecture
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

data "aws_availability_zones" "open" {
  state = "available"

  filter {
    name   = "opt-in-status"
    values = ["opt-in-not-required"]
  }
}

data "aws_subnet" "chosen" {
  count = var.subnet_id == "" ? 0 : 1

  id = var.subnet_id
}

data "aws_ami" "ubuntu" {
  most_recent = true
  owners      = ["099720109477"] # Canonical

  filter {
    name   = "name"
    values = ["ubuntu/images/hvm-ssd*/ubuntu-noble-24.04-${local.architecture}-server-*"]
  }

  filter {
    name   = "virtualization-type"
    values = ["hvm"]
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
      # Instances on Nitro, as all of these families are, name a disk after its volume.
      home_devices = ["/dev/disk/by-id/nvme-Amazon_Elastic_Block_Store_${replace(aws_ebs_volume.home.id, "-", "")}"]
      init_script  = base64encode(coder_agent.main.init_script)
      token        = coder_agent.main.token
    })
  }
}

resource "aws_ebs_volume" "home" {
  availability_zone = local.availability_zone
  type              = "gp3"
  size              = data.coder_parameter.home_gb.value
  encrypted         = true

  tags = {
    Name = "coder-${data.coder_workspace.me.id}-home"
  }

  # Only the size and the tags may change: another order of zones must not cost anybody their files.
  lifecycle {
    ignore_changes = [availability_zone, encrypted, kms_key_id, snapshot_id]
  }
}

# Nobody connects to a workspace from outside: the agent calls Coder.
resource "aws_security_group" "workspace" {
  name        = "coder-${data.coder_workspace.me.id}"
  description = "Workspace of Coder"
  vpc_id      = one(data.aws_subnet.chosen[*].vpc_id)

  egress {
    from_port        = 0
    to_port          = 0
    protocol         = "-1"
    cidr_blocks      = ["0.0.0.0/0"]
    ipv6_cidr_blocks = ["::/0"]
  }
}

resource "aws_instance" "workspace" {
  ami                    = data.aws_ami.ubuntu.id
  instance_type          = "${local.families[local.architecture]}.${data.coder_parameter.size.value}"
  availability_zone      = aws_ebs_volume.home.availability_zone
  subnet_id              = var.subnet_id == "" ? null : var.subnet_id
  vpc_security_group_ids = [aws_security_group.workspace.id]
  iam_instance_profile   = var.instance_profile == "" ? null : var.instance_profile
  user_data_base64       = sensitive(data.cloudinit_config.boot.rendered)

  metadata_options {
    http_endpoint = "enabled"
    http_tokens   = "required"
  }

  root_block_device {
    volume_type = "gp3"
    volume_size = 30
    encrypted   = true
  }

  tags = {
    Name = "coder-${data.coder_workspace_owner.me.name}-${lower(data.coder_workspace.me.name)}"
  }

  # What is installed outside of the home folder stays when Canonical publishes a newer image.
  lifecycle {
    ignore_changes = [ami]
  }
}

resource "aws_volume_attachment" "home" {
  device_name = "/dev/sdf"
  volume_id   = aws_ebs_volume.home.id
  instance_id = aws_instance.workspace.id

  stop_instance_before_detaching = true
}

resource "aws_ec2_instance_state" "workspace" {
  instance_id = aws_instance.workspace.id
  state       = data.coder_workspace.me.transition == "start" ? "running" : "stopped"
}

resource "coder_metadata" "workspace" {
  resource_id = aws_instance.workspace.id

  item {
    key   = "region"
    value = data.coder_parameter.region.value
  }

  item {
    key   = "type"
    value = aws_instance.workspace.instance_type
  }
}

resource "coder_metadata" "home" {
  resource_id = aws_ebs_volume.home.id

  item {
    key   = "persistent"
    value = "/home/coder"
  }

  item {
    key   = "size"
    value = "${data.coder_parameter.home_gb.value} GB"
  }
}
