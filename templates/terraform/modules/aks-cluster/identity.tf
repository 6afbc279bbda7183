# What the control plane may do: use the nodes' subnet and give the nodes their identity; with a key of one's own, use that.
# AKS itself gives it the resource group of the nodes.

resource "azurerm_user_assigned_identity" "control_plane" {
  resource_group_name = var.resource_group_name
  location            = var.location
  name                = "${var.cluster_name}-control-plane"
  tags                = var.tags
}

# Without a role: it pulls images once a registry lets it.
resource "azurerm_user_assigned_identity" "kubelet" {
  resource_group_name = var.resource_group_name
  location            = var.location
  name                = "${var.cluster_name}-kubelet"
  tags                = var.tags
}

locals {
  control_plane_roles = merge(
    {
      subnet = {
        role  = "Network Contributor"
        scope = azurerm_subnet.nodes.id
      }
      kubelet = {
        role  = "Managed Identity Operator"
        scope = azurerm_user_assigned_identity.kubelet.id
      }
    },
    var.encryption_key == null ? {} : {
      key = {
        role  = "Key Vault Crypto User"
        scope = var.encryption_key.key_vault_id
      }
    }
  )
}

resource "azurerm_role_assignment" "control_plane" {
  for_each = local.control_plane_roles

  scope                = each.value.scope
  role_definition_name = each.value.role
  principal_id         = azurerm_user_assigned_identity.control_plane.principal_id
  principal_type       = "ServicePrincipal"
}
