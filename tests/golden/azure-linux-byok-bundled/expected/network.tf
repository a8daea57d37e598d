# Nobody connects to a workspace from outside: the agent calls Coder. A machine that is not in a
# subnet of yours gets a network of its own, and a public address to call from while it runs.

variable "subnet_id" {
  type        = string
  description = "Subnet of the machines, in the region that users may choose, with a way out; empty for a network for each workspace."
  default     = ""
}

locals {
  has_own_network = var.subnet_id == ""
}

resource "azurerm_virtual_network" "workspace" {
  count = local.has_own_network ? 1 : 0

  name                = "workspace"
  resource_group_name = azurerm_resource_group.workspace.name
  location            = azurerm_resource_group.workspace.location
  address_space       = ["10.0.0.0/24"]
  tags                = local.tags
}

resource "azurerm_subnet" "workspace" {
  count = local.has_own_network ? 1 : 0

  name                 = "workspace"
  resource_group_name  = azurerm_resource_group.workspace.name
  virtual_network_name = azurerm_virtual_network.workspace[0].name
  address_prefixes     = ["10.0.0.0/28"]
}

# Without a rule of its own it lets nothing in from the internet, and everything out.
resource "azurerm_network_security_group" "workspace" {
  count = local.has_own_network ? 1 : 0

  name                = "workspace"
  resource_group_name = azurerm_resource_group.workspace.name
  location            = azurerm_resource_group.workspace.location
  tags                = local.tags
}

resource "azurerm_subnet_network_security_group_association" "workspace" {
  count = local.has_own_network ? 1 : 0

  subnet_id                 = azurerm_subnet.workspace[0].id
  network_security_group_id = azurerm_network_security_group.workspace[0].id
}

resource "azurerm_public_ip" "workspace" {
  count = local.has_own_network ? data.coder_workspace.me.start_count : 0

  name                = "workspace"
  resource_group_name = azurerm_resource_group.workspace.name
  location            = azurerm_resource_group.workspace.location
  allocation_method   = "Static"
  sku                 = "Standard"
  tags                = local.tags
}

resource "azurerm_network_interface" "workspace" {
  count = data.coder_workspace.me.start_count

  name                = "workspace"
  resource_group_name = azurerm_resource_group.workspace.name
  location            = azurerm_resource_group.workspace.location
  tags                = local.tags

  ip_configuration {
    name                          = "workspace"
    subnet_id                     = local.has_own_network ? azurerm_subnet.workspace[0].id : var.subnet_id
    private_ip_address_allocation = "Dynamic"
    public_ip_address_id          = one(azurerm_public_ip.workspace[*].id)
  }
}
