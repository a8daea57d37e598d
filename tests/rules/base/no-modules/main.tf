terraform {
  required_version = ">= 1.9"

  required_providers {
    coder = {
      source  = "coder/coder"
      version = "~> 2.12"
    }
  }
}

data "coder_parameter" "region" {
  name    = "region"
  default = "eu"
}

data "coder_workspace_preset" "america" {
  name = "America"

  parameters = {
    region = "us"
  }
}

output "region" {
  value       = data.coder_parameter.region.value
  description = "Where the workspace is."
}
