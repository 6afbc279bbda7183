provider "azurerm" {
  # ARM_SUBSCRIPTION_ID when null.
  subscription_id = var.subscription_id

  # Registering asks for rights over all of the subscription. Needed are Microsoft.ContainerService, Microsoft.Compute,
  # Microsoft.Network, Microsoft.ManagedIdentity, Microsoft.OperationalInsights, Microsoft.Insights and Microsoft.PolicyInsights.
  resource_provider_registrations = "none"

  features {}
}

module "cluster" {
  source = "../modules/aks-cluster"

  resource_group_name    = var.resource_group_name
  location               = var.location
  cluster_name           = var.cluster_name
  kubernetes_version     = var.kubernetes_version
  zones                  = var.zones
  network                = var.network
  public_access_cidrs    = var.public_access_cidrs
  admin_group_object_ids = var.admin_group_object_ids
  system_pool            = var.system_pool
  host_encryption        = var.host_encryption
  encryption_key         = var.encryption_key
  tags                   = var.tags
}

module "gpu_pools" {
  source = "../modules/aks-gpu-pools"

  resource_group_name = var.resource_group_name
  location            = var.location
  cluster_name        = module.cluster.name
  cluster             = module.cluster.pools
  subnet_id           = module.cluster.subnet_id
  host_encryption     = var.host_encryption
  node_groups         = var.node_groups
  tags                = var.tags
}
