# Planned by the real provider: no call but the one for the cluster that stands, which is answered here.

override_data {
  target = module.gpu_pools.data.azurerm_resources.cluster
  values = {
    resources = [{
      id                  = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-platform/providers/Microsoft.ContainerService/managedClusters/platform"
      location            = "westeurope"
      name                = "platform"
      resource_group_name = "rg-platform"
      tags                = {}
      type                = "Microsoft.ContainerService/managedClusters"
    }]
  }
}

run "root" {
  command = plan
}
