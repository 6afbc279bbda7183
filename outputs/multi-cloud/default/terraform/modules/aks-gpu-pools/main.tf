# GPU node pools for an AKS cluster, at azurerm_kubernetes_cluster_node_pool.this["<key>"]: which there are is decided where
# this module is called. AKS installs the driver; the NVIDIA device plugin is not part of it.

# Its id and place, and nothing secret: azurerm_kubernetes_cluster would bring the cluster's credentials into the state.
# Not asked for where the cluster is created beside its pools and cannot be read before.
data "azurerm_resources" "cluster" {
  count = var.cluster == null ? 1 : 0

  type                = "Microsoft.ContainerService/managedClusters"
  name                = var.cluster_name
  resource_group_name = var.resource_group_name

  lifecycle {
    postcondition {
      condition     = length(self.resources) == 1
      error_message = "There is no AKS cluster ${var.cluster_name} in ${var.resource_group_name}, or it may not be read."
    }

    postcondition {
      condition     = alltrue([for resource in self.resources : lower(replace(resource.location, " ", "")) == var.location])
      error_message = "The cluster is not in ${var.location}: ${jsonencode([for resource in self.resources : resource.location])}"
    }
  }
}

locals {
  cluster = var.cluster != null ? var.cluster : {
    id                 = one(flatten(data.azurerm_resources.cluster[*].resources[*].id))
    kubernetes_version = null
  }

  spot = { key = "kubernetes.azure.com/scalesetpriority", value = "spot" }

  node_groups = {
    for key, group in var.node_groups : key => merge(group, {
      disk_type = coalesce(group.disk_type, "Managed")

      # AKS asks for its own label and taint on spot nodes to be told to it as well.
      labels = merge(group.labels, group.capacity == "spot" ? { (local.spot.key) = local.spot.value } : {})
      taints = concat(
        [for taint in group.taints : "${taint.key}=${taint.value}:${taint.effect}"],
        group.capacity == "spot" ? ["${local.spot.key}=${local.spot.value}:NoSchedule"] : []
      )
    })
  }
}

# At the address of the node pool whose nodes stand close together. The cluster's identity needs the right to join it.
resource "azurerm_proximity_placement_group" "this" {
  for_each = { for key, group in local.node_groups : key => group if group.compact }

  name                = "${var.cluster_name}-${each.value.name}"
  location            = var.location
  resource_group_name = var.resource_group_name
  tags                = var.tags
}

resource "azurerm_kubernetes_cluster_node_pool" "this" {
  for_each = local.node_groups

  kubernetes_cluster_id = local.cluster.id
  name                  = each.value.name
  mode                  = "User"
  vm_size               = each.value.vm_size
  orchestrator_version  = local.cluster.kubernetes_version
  gpu_driver            = var.gpu_driver
  os_disk_size_gb       = each.value.disk_gib
  os_disk_type          = each.value.disk_type
  max_pods              = each.value.max_pods
  vnet_subnet_id        = var.subnet_id
  zones                 = length(each.value.zones) > 0 ? each.value.zones : null
  node_labels           = each.value.labels
  node_taints           = each.value.taints

  host_encryption_enabled = var.host_encryption

  # The number of nodes at a time is the autoscaler's.
  auto_scaling_enabled = true
  min_count            = each.value.min_nodes
  max_count            = each.value.max_nodes

  priority                      = each.value.capacity == "spot" ? "Spot" : "Regular"
  eviction_policy               = each.value.capacity == "spot" ? "Delete" : null
  spot_max_price                = each.value.capacity == "spot" ? -1 : null
  capacity_reservation_group_id = each.value.reservation
  proximity_placement_group_id  = each.value.compact ? azurerm_proximity_placement_group.this[each.key].id : null

  # A new size, disk, zone or subnet moves the nodes by way of a second pool, which needs as many GPUs again for a while.
  temporary_name_for_rotation = "${each.value.name}t"

  # Above the number of nodes or below it, not both. Spot nodes take no such setting.
  dynamic "upgrade_settings" {
    for_each = each.value.capacity == "spot" ? [] : [each.value]

    content {
      max_surge       = upgrade_settings.value.max_surge > 0 ? tostring(upgrade_settings.value.max_surge) : null
      max_unavailable = upgrade_settings.value.max_surge > 0 ? null : tostring(upgrade_settings.value.max_unavailable)
    }
  }

  tags = var.tags

  timeouts {
    create = "60m"
    update = "120m"
    delete = "60m"
  }
}
