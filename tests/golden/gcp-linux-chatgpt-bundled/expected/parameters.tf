# What a user chooses for a workspace.

data "coder_parameter" "zone" {
  name         = "zone"
  display_name = "Zone"
  description  = "Where the workspace runs and its files are; it cannot change later."
  form_type    = "dropdown"
  default      = "us-central1-a"
  order        = 10

  option {
    name  = "Tokyo (asia-northeast1-a)"
    value = "asia-northeast1-a"
  }

  option {
    name  = "Mumbai (asia-south1-a)"
    value = "asia-south1-a"
  }

  option {
    name  = "Singapore (asia-southeast1-a)"
    value = "asia-southeast1-a"
  }

  option {
    name  = "Sydney (australia-southeast1-a)"
    value = "australia-southeast1-a"
  }

  option {
    name  = "Finland (europe-north1-a)"
    value = "europe-north1-a"
  }

  option {
    name  = "Belgium (europe-west1-b)"
    value = "europe-west1-b"
  }

  option {
    name  = "London (europe-west2-a)"
    value = "europe-west2-a"
  }

  option {
    name  = "Frankfurt (europe-west3-a)"
    value = "europe-west3-a"
  }

  option {
    name  = "Montréal (northamerica-northeast1-a)"
    value = "northamerica-northeast1-a"
  }

  option {
    name  = "São Paulo (southamerica-east1-a)"
    value = "southamerica-east1-a"
  }

  option {
    name  = "Iowa (us-central1-a)"
    value = "us-central1-a"
  }

  option {
    name  = "South Carolina (us-east1-b)"
    value = "us-east1-b"
  }

  option {
    name  = "Oregon (us-west1-a)"
    value = "us-west1-a"
  }
}

data "coder_parameter" "machine_type" {
  name         = "machine_type"
  display_name = "Size"
  description  = "Of the machine."
  form_type    = "dropdown"
  default      = "e2-standard-2"
  mutable      = true
  order        = 11

  # The sizes of one architecture, which is that of the image and of the agent.
  option {
    name  = "2 shared cores, 4 GB of memory"
    value = "e2-medium"
  }

  option {
    name  = "2 cores, 8 GB of memory"
    value = "e2-standard-2"
  }

  option {
    name  = "4 cores, 16 GB of memory"
    value = "e2-standard-4"
  }

  option {
    name  = "8 cores, 32 GB of memory"
    value = "e2-standard-8"
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
  order        = 12

  validation {
    min       = 10
    max       = 1000
    monotonic = "increasing"
  }
}

data "coder_workspace_preset" "small" {
  name        = "Small"
  description = "2 cores, 8 GB of memory"
  icon        = "/icon/gcp.svg"

  parameters = {
    machine_type = "e2-standard-2"
    home_gb      = "30"
  }
}

data "coder_workspace_preset" "large" {
  name        = "Large"
  description = "8 cores, 32 GB of memory"
  icon        = "/icon/gcp.svg"

  parameters = {
    machine_type = "e2-standard-8"
    home_gb      = "100"
  }
}
