provider "azurerm" {
  # ARM_SUBSCRIPTION_ID when null.
  subscription_id = var.subscription_id

  # The subscription has a cluster, so what it needs is registered; registering asks for rights over all of it.
  resource_provider_registrations = "none"

  features {}
}

module "gpu_pools" {
  source = "../modules/aks-gpu-pools"

  resource_group_name = var.resource_group_name
  location            = var.location
  cluster_name        = var.cluster_name
  subnet_id           = var.subnet_id
  node_groups         = var.node_groups
  tags                = var.tags
}
