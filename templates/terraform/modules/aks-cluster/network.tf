resource "azurerm_virtual_network" "this" {
  resource_group_name = var.resource_group_name
  location            = var.location
  name                = var.cluster_name
  address_space       = [var.network.nodes]
  tags                = var.tags
}

# AKS keeps the security group of the nodes' own interfaces.
resource "azurerm_subnet" "nodes" {
  resource_group_name             = var.resource_group_name
  virtual_network_name            = azurerm_virtual_network.this.name
  name                            = "nodes"
  address_prefixes                = [var.network.nodes]
  default_outbound_access_enabled = false
}

# The way out, for images and models.
resource "azurerm_public_ip" "nat" {
  resource_group_name = var.resource_group_name
  location            = var.location
  name                = "${var.cluster_name}-nat"
  allocation_method   = "Static"
  sku                 = "Standard"
  tags                = var.tags
}

resource "azurerm_nat_gateway" "this" {
  resource_group_name = var.resource_group_name
  location            = var.location
  name                = var.cluster_name
  sku_name            = "Standard"
  tags                = var.tags
}

resource "azurerm_nat_gateway_public_ip_association" "this" {
  nat_gateway_id       = azurerm_nat_gateway.this.id
  public_ip_address_id = azurerm_public_ip.nat.id
}

resource "azurerm_subnet_nat_gateway_association" "nodes" {
  nat_gateway_id = azurerm_nat_gateway.this.id
  subnet_id      = azurerm_subnet.nodes.id
}
