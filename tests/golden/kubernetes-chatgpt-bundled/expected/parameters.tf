# What a user chooses for a workspace.

data "coder_parameter" "cpu" {
  name         = "cpu"
  display_name = "CPU"
  description  = "Cores that the workspace may use."
  type         = "number"
  form_type    = "slider"
  default      = "2"
  mutable      = true
  order        = 10

  validation {
    min = 1
    max = 16
  }
}

data "coder_parameter" "memory_gb" {
  name         = "memory_gb"
  display_name = "Memory (GB)"
  description  = "Memory that the workspace may use."
  type         = "number"
  form_type    = "slider"
  default      = "4"
  mutable      = true
  order        = 11

  validation {
    min = 2
    max = 64
  }
}

data "coder_parameter" "home_gb" {
  name         = "home_gb"
  display_name = "Home volume (GB)"
  description  = "It can grow later, where its storage class allows that, and never shrink."
  type         = "number"
  form_type    = "input"
  default      = "20"
  mutable      = true
  order        = 12

  validation {
    min       = 5
    max       = 500
    monotonic = "increasing"
  }
}

data "coder_workspace_preset" "small" {
  name        = "Small"
  description = "2 cores, 4 GB of memory"
  icon        = "/icon/k8s.png"

  parameters = {
    cpu       = "2"
    memory_gb = "4"
    home_gb   = "20"
  }
}

data "coder_workspace_preset" "large" {
  name        = "Large"
  description = "8 cores, 32 GB of memory"
  icon        = "/icon/k8s.png"

  parameters = {
    cpu       = "8"
    memory_gb = "32"
    home_gb   = "100"
  }
}
