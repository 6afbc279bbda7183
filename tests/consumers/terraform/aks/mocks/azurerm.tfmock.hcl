# What Azure would answer, as far as the provider checks its form.

mock_data "azurerm_resources" {
  defaults = {
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

mock_resource "azurerm_proximity_placement_group" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-platform/providers/Microsoft.Compute/proximityPlacementGroups/close"
  }
}
