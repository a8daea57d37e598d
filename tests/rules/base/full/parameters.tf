data "coder_parameter" "region" {
  name         = "region"
  display_name = "Region"
  type         = "string"
  form_type    = "dropdown"
  default      = "eu"
  mutable      = false
  order        = 1

  option {
    name  = "Europe"
    value = "eu"
    icon  = "/emojis/1f1ea-1f1fa.png"
  }

  option {
    name  = "America"
    value = "us"
    icon  = "/emojis/1f1fa-1f1f8.png"
  }
}

data "coder_parameter" "memory_gb" {
  name         = "memory_gb"
  display_name = "Memory (GB)"
  type         = "number"
  form_type    = "slider"
  default      = "4"
  mutable      = true
  order        = 2

  validation {
    min = 2
    max = 32
  }
}

data "coder_parameter" "branch" {
  name         = "branch"
  display_name = "Branch"
  type         = "string"
  default      = "main"
  mutable      = true
  order        = 3

  validation {
    regex = "^[a-z/-]+$"
    error = "Use lower-case letters."
  }
}

data "coder_parameter" "reset" {
  name         = "reset"
  display_name = "Start from scratch"
  type         = "bool"
  default      = "false"
  mutable      = true
  ephemeral    = true
  order        = 4
}

data "coder_workspace_preset" "small" {
  name    = "Small"
  default = true

  parameters = {
    region    = "eu"
    memory_gb = "4"
  }

  prebuilds {
    instances = 1

    scheduling {
      timezone = "Europe/Berlin"

      schedule {
        cron      = "* 8-17 * * 1-5"
        instances = 3
      }

      schedule {
        cron      = "* 10-15 * * 6"
        instances = 2
      }
    }
  }
}

data "coder_workspace_preset" "large" {
  name    = "Large"
  default = false

  parameters = {
    region    = "us"
    memory_gb = "16"
  }
}
