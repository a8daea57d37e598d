# What a user chooses for a workspace.

data "coder_parameter" "location" {
  name         = "location"
  display_name = "Region"
  description  = "Where the workspace runs and its files are; it cannot change later."
  form_type    = "dropdown"
  default      = "eastus"
  order        = 10

  option {
    name  = "Australia East"
    value = "australiaeast"
  }

  option {
    name  = "Brazil South"
    value = "brazilsouth"
  }

  option {
    name  = "Canada Central"
    value = "canadacentral"
  }

  option {
    name  = "Central India"
    value = "centralindia"
  }

  option {
    name  = "East US"
    value = "eastus"
  }

  option {
    name  = "East US 2"
    value = "eastus2"
  }

  option {
    name  = "Germany West Central"
    value = "germanywestcentral"
  }

  option {
    name  = "Japan East"
    value = "japaneast"
  }

  option {
    name  = "North Europe"
    value = "northeurope"
  }

  option {
    name  = "Southeast Asia"
    value = "southeastasia"
  }

  option {
    name  = "Sweden Central"
    value = "swedencentral"
  }

  option {
    name  = "UK South"
    value = "uksouth"
  }

  option {
    name  = "West Europe"
    value = "westeurope"
  }

  option {
    name  = "West US 3"
    value = "westus3"
  }
}

data "coder_parameter" "size" {
  name         = "size"
  display_name = "Size"
  description  = "Of the machine."
  form_type    = "dropdown"
  default      = "Standard_D2as_v5"
  mutable      = true
  order        = 11

  # The sizes of one architecture, which is that of the image and of the agent.
  option {
    name  = "2 shared cores, 4 GB of memory"
    value = "Standard_B2s"
  }

  option {
    name  = "2 cores, 8 GB of memory"
    value = "Standard_D2as_v5"
  }

  option {
    name  = "4 cores, 16 GB of memory"
    value = "Standard_D4as_v5"
  }

  option {
    name  = "8 cores, 32 GB of memory"
    value = "Standard_D8as_v5"
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
  icon        = "/icon/azure.svg"

  parameters = {
    size    = "Standard_D2as_v5"
    home_gb = "30"
  }
}

data "coder_workspace_preset" "large" {
  name        = "Large"
  description = "8 cores, 32 GB of memory"
  icon        = "/icon/azure.svg"

  parameters = {
    size    = "Standard_D8as_v5"
    home_gb = "100"
  }
}
