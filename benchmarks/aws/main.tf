terraform {
  required_version = ">= 1.9"

  required_providers {
    coder = {
      source  = "coder/coder"
      version = "~> 2.12"
    }
    aws = {
      source  = "hashicorp/aws"
      version = "~> 5.0"
    }
  }
}

provider "aws" {
  region = data.coder_parameter.region.value
}

data "coder_workspace" "me" {}

data "coder_parameter" "region" {
  name    = "region"
  default = "eu-central-1"
  mutable = false

  option {
    name  = "Frankfurt"
    value = "eu-central-1"
  }
  option {
    name  = "Ohio"
    value = "us-east-2"
  }
}

data "aws_ami" "ubuntu" {
  most_recent = true
  owners      = ["099720109477"]

  filter {
    name   = "name"
    values = ["ubuntu/images/hvm-ssd-gp3/ubuntu-noble-24.04-amd64-server-*"]
  }
}

resource "coder_agent" "main" {
  os   = "linux"
  arch = "amd64"
}

resource "aws_instance" "workspace" {
  count         = data.coder_workspace.me.start_count
  ami           = data.aws_ami.ubuntu.id
  instance_type = "t3.xlarge"
  user_data = templatefile("${path.module}/start.sh", {
    init_script = coder_agent.main.init_script
    token       = coder_agent.main.token
  })

  tags = {
    Name              = "coder-${data.coder_workspace.me.name}"
    Coder_Provisioned = "true"
  }

  lifecycle {
    ignore_changes = [ami]
  }
}

module "codex" {
  count = data.coder_workspace.me.start_count

  source            = "registry.coder.com/coder-labs/codex/coder"
  version           = "~> 5.4"
  agent_id          = coder_agent.main.id
  workdir           = "/home/ubuntu"
  codex_version     = "0.169.0"
  enable_ai_gateway = true
}
