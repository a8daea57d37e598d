# What a user chooses for a workspace.

data "coder_parameter" "region" {
  name         = "region"
  display_name = "Region"
  description  = "Where the workspace runs and its files are; it cannot change later."
  form_type    = "dropdown"
  default      = "us-east-1"
  order        = 10

  option {
    name  = "Asia Pacific (Tokyo)"
    value = "ap-northeast-1"
  }

  option {
    name  = "Asia Pacific (Mumbai)"
    value = "ap-south-1"
  }

  option {
    name  = "Asia Pacific (Singapore)"
    value = "ap-southeast-1"
  }

  option {
    name  = "Asia Pacific (Sydney)"
    value = "ap-southeast-2"
  }

  option {
    name  = "Canada (Central)"
    value = "ca-central-1"
  }

  option {
    name  = "Europe (Frankfurt)"
    value = "eu-central-1"
  }

  option {
    name  = "Europe (Stockholm)"
    value = "eu-north-1"
  }

  option {
    name  = "Europe (Ireland)"
    value = "eu-west-1"
  }

  option {
    name  = "Europe (London)"
    value = "eu-west-2"
  }

  option {
    name  = "South America (São Paulo)"
    value = "sa-east-1"
  }

  option {
    name  = "US East (N. Virginia)"
    value = "us-east-1"
  }

  option {
    name  = "US East (Ohio)"
    value = "us-east-2"
  }

  option {
    name  = "US West (Oregon)"
    value = "us-west-2"
  }
}

data "coder_parameter" "architecture" {
  name         = "architecture"
  display_name = "Architecture"
  description  = "Of the processor; it cannot change later."
  form_type    = "radio"
  default      = "amd64"
  order        = 11

  option {
    name  = "Intel or AMD (amd64)"
    value = "amd64"
  }

  option {
    name  = "Graviton (arm64)"
    value = "arm64"
  }
}

data "coder_parameter" "size" {
  name         = "size"
  display_name = "Size"
  description  = "Of the instance."
  form_type    = "dropdown"
  default      = "large"
  mutable      = true
  order        = 12

  option {
    name  = "2 cores, 4 GB of memory"
    value = "medium"
  }

  option {
    name  = "2 cores, 8 GB of memory"
    value = "large"
  }

  option {
    name  = "4 cores, 16 GB of memory"
    value = "xlarge"
  }

  option {
    name  = "8 cores, 32 GB of memory"
    value = "2xlarge"
  }
}

data "coder_parameter" "home_gb" {
  name         = "home_gb"
  display_name = "Home disk (GB)"
  description  = "It can grow later, and never shrink."
  type         = "number"
  form_type    = "input"
  default      = "30"
  mutable      = true
  order        = 13

  validation {
    min       = 10
    max       = 1000
    monotonic = "increasing"
  }
}

data "coder_workspace_preset" "small" {
  name        = "Small"
  description = "2 cores, 8 GB of memory"
  icon        = "/icon/aws.svg"

  parameters = {
    size    = "large"
    home_gb = "30"
  }
}

data "coder_workspace_preset" "large" {
  name        = "Large"
  description = "8 cores, 32 GB of memory"
  icon        = "/icon/aws.svg"

  parameters = {
    size    = "2xlarge"
    home_gb = "100"
  }
}
