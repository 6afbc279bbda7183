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

mock_resource "azurerm_kubernetes_cluster" {
  defaults = {
    id              = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-platform/providers/Microsoft.ContainerService/managedClusters/fresh"
    fqdn            = "fresh.hcp.westeurope.azmk8s.io"
    private_fqdn    = "fresh.privatelink.westeurope.azmk8s.io"
    oidc_issuer_url = "https://westeurope.oic.prod-aks.azure.com/tenant/fresh/"
  }
}

mock_resource "azurerm_subnet" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-platform/providers/Microsoft.Network/virtualNetworks/fresh/subnets/nodes"
  }
}

mock_resource "azurerm_public_ip" {
  defaults = {
    id         = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-platform/providers/Microsoft.Network/publicIPAddresses/fresh-nat"
    ip_address = "192.0.2.10"
  }
}

mock_resource "azurerm_nat_gateway" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-platform/providers/Microsoft.Network/natGateways/fresh"
  }
}

mock_resource "azurerm_log_analytics_workspace" {
  defaults = {
    id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-platform/providers/Microsoft.OperationalInsights/workspaces/fresh-logs"
  }
}

mock_resource "azurerm_user_assigned_identity" {
  defaults = {
    id           = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-platform/providers/Microsoft.ManagedIdentity/userAssignedIdentities/some"
    client_id    = "00000000-0000-0000-0000-000000000001"
    principal_id = "00000000-0000-0000-0000-000000000002"
  }
}
