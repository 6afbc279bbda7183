# For the pools of the test: what the module makes of each way of buying nodes, written down by hand.

mock_provider "azurerm" {
  source = "./tests/mocks"
}

run "nodes" {
  command = apply

  module {
    source = "../modules/aks-gpu-pools"
  }

  assert {
    condition = { for key, item in azurerm_kubernetes_cluster_node_pool.this : key => item.name } == {
      l4-spot       = "l4sp"
      l4-on-demand  = "l4od"
      h100-reserved = "h100rs"
    }
    error_message = "Node pools are addressed by pool and capacity, and called by their short names: ${jsonencode({ for key, item in azurerm_kubernetes_cluster_node_pool.this : key => item.name })}"
  }

  assert {
    condition = { for key, item in azurerm_kubernetes_cluster_node_pool.this : key => jsonencode([item.priority, item.eviction_policy, item.spot_max_price]) } == {
      l4-spot       = jsonencode(["Spot", "Delete", -1])
      l4-on-demand  = jsonencode(["Regular", null, null])
      h100-reserved = jsonencode(["Regular", null, null])
    }
    error_message = "The way of buying is wrong."
  }

  assert {
    condition = { for key, item in azurerm_kubernetes_cluster_node_pool.this : key => [item.auto_scaling_enabled, item.min_count, item.max_count] } == {
      l4-spot       = [true, 4, 6]
      l4-on-demand  = [true, 0, 6]
      h100-reserved = [true, 0, 2]
    }
    error_message = "The limits of the autoscaler are wrong."
  }

  assert {
    condition = { for key, item in azurerm_kubernetes_cluster_node_pool.this : key => item.node_taints } == {
      l4-spot       = tolist(["nvidia.com/gpu=present:NoSchedule", "kubernetes.azure.com/scalesetpriority=spot:NoSchedule"])
      l4-on-demand  = tolist(["nvidia.com/gpu=present:NoSchedule"])
      h100-reserved = tolist(["team=chat:NoExecute"])
    }
    error_message = "The taints are wrong: ${jsonencode({ for key, item in azurerm_kubernetes_cluster_node_pool.this : key => item.node_taints })}"
  }

  assert {
    condition     = azurerm_kubernetes_cluster_node_pool.this["l4-spot"].node_labels == tomap({ "fleetgen.dev/pool" = "l4", "note" = "$${path.module}", "kubernetes.azure.com/scalesetpriority" = "spot" })
    error_message = "The labels are wrong, or a value was taken for an expression."
  }

  assert {
    condition     = azurerm_kubernetes_cluster_node_pool.this["l4-on-demand"].node_labels == tomap({ "fleetgen.dev/pool" = "l4", "note" = "$${path.module}" })
    error_message = "Only spot nodes are labelled as such."
  }

  assert {
    condition     = endswith(azurerm_kubernetes_cluster_node_pool.this["h100-reserved"].capacity_reservation_group_id, "/capacityReservationGroups/h100") && alltrue([for key in ["l4-spot", "l4-on-demand"] : azurerm_kubernetes_cluster_node_pool.this[key].capacity_reservation_group_id == null])
    error_message = "Reserved nodes must use their reservation, and others none."
  }

  assert {
    condition     = length(azurerm_kubernetes_cluster_node_pool.this["l4-spot"].upgrade_settings) == 0 && alltrue([for key in ["l4-on-demand", "h100-reserved"] : one(azurerm_kubernetes_cluster_node_pool.this[key].upgrade_settings).max_unavailable == "1" && one(azurerm_kubernetes_cluster_node_pool.this[key].upgrade_settings).max_surge == null])
    error_message = "An upgrade must not ask for a GPU more than there are; spot nodes take no such setting."
  }

  assert {
    condition     = alltrue([for item in azurerm_kubernetes_cluster_node_pool.this : item.gpu_driver == "Install" && item.mode == "User" && item.temporary_name_for_rotation == "${item.name}t" && length(item.temporary_name_for_rotation) <= 12])
    error_message = "AKS installs the driver, and a rotation needs a name."
  }

  assert {
    condition     = azurerm_kubernetes_cluster_node_pool.this["h100-reserved"].vm_size == "Standard_ND96isr_H100_v5" && azurerm_kubernetes_cluster_node_pool.this["h100-reserved"].os_disk_size_gb == 500 && azurerm_kubernetes_cluster_node_pool.this["l4-spot"].os_disk_size_gb == 200
    error_message = "The machine or its disk is wrong."
  }

  assert {
    condition     = azurerm_kubernetes_cluster_node_pool.this["h100-reserved"].zones == toset(["1"]) && length(azurerm_kubernetes_cluster_node_pool.this["l4-spot"].zones == null ? [] : azurerm_kubernetes_cluster_node_pool.this["l4-spot"].zones) == 0
    error_message = "The zones are wrong."
  }

  assert {
    condition     = alltrue([for item in azurerm_kubernetes_cluster_node_pool.this : endswith(item.kubernetes_cluster_id, "/managedClusters/platform")])
    error_message = "The nodes belong to the named cluster."
  }
}

run "later" {
  command = plan

  module {
    source = "../modules/aks-gpu-pools"
  }

  variables {
    subnet_id = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Network/virtualNetworks/net/subnets/gpu"
    node_groups = {
      other-on-demand = { name = "otherod", pool = "other", capacity = "on-demand", vm_size = "Standard_NC40ads_H100_v5", min_nodes = 1, gpus_per_node = 1, max_nodes = 9 }
    }
  }

  assert {
    condition     = azurerm_kubernetes_cluster_node_pool.this["other-on-demand"].node_taints == tolist(["nvidia.com/gpu=present:NoSchedule"]) && azurerm_kubernetes_cluster_node_pool.this["other-on-demand"].os_disk_size_gb == 200
    error_message = "The module's defaults are those of the spec."
  }

  assert {
    condition     = endswith(azurerm_kubernetes_cluster_node_pool.this["other-on-demand"].vnet_subnet_id, "/subnets/gpu")
    error_message = "The given subnet must be used."
  }
}

# Two sizes, bought in three ways: each size is a node pool, but a reservation is of the first.
run "several_sizes" {
  command = apply

  module {
    source = "../modules/aks-gpu-pools"
  }

  variables {
    node_groups = {
      t4-reserved                       = { name = "eightletrs", pool = "t4", capacity = "reserved", vm_size = "Standard_NC4as_T4_v3", min_nodes = 3, gpus_per_node = 1, max_nodes = 9, reservation = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Compute/capacityReservationGroups/t4" }
      t4-spot                           = { name = "eightletsp", pool = "t4", capacity = "spot", vm_size = "Standard_NC4as_T4_v3", min_nodes = 0, gpus_per_node = 1, max_nodes = 9 }
      t4-spot-Standard_NC8as_T4_v3      = { name = "eightletsp1", pool = "t4", capacity = "spot", vm_size = "Standard_NC8as_T4_v3", min_nodes = 0, gpus_per_node = 1, max_nodes = 9 }
      t4-on-demand                      = { name = "eightletod", pool = "t4", capacity = "on-demand", vm_size = "Standard_NC4as_T4_v3", min_nodes = 0, gpus_per_node = 1, max_nodes = 9 }
      t4-on-demand-Standard_NC8as_T4_v3 = { name = "eightletod1", pool = "t4", capacity = "on-demand", vm_size = "Standard_NC8as_T4_v3", min_nodes = 0, gpus_per_node = 1, max_nodes = 9 }
    }
  }

  assert {
    condition = { for key, item in azurerm_kubernetes_cluster_node_pool.this : key => [item.name, item.vm_size, tostring(item.min_count)] } == {
      t4-reserved                       = ["eightletrs", "Standard_NC4as_T4_v3", "3"]
      t4-spot                           = ["eightletsp", "Standard_NC4as_T4_v3", "0"]
      t4-spot-Standard_NC8as_T4_v3      = ["eightletsp1", "Standard_NC8as_T4_v3", "0"]
      t4-on-demand                      = ["eightletod", "Standard_NC4as_T4_v3", "0"]
      t4-on-demand-Standard_NC8as_T4_v3 = ["eightletod1", "Standard_NC8as_T4_v3", "0"]
    }
    error_message = "Each way of buying has a node pool of each size, and the first of all keeps the minimum: ${jsonencode({ for key, item in azurerm_kubernetes_cluster_node_pool.this : key => [item.name, item.vm_size] })}"
  }

  assert {
    condition     = alltrue([for item in azurerm_kubernetes_cluster_node_pool.this : length(item.temporary_name_for_rotation) <= 12])
    error_message = "A name of AKS has twelve characters."
  }
}

# What nodes have beside their GPUs: a disk, pods, neighbours; reserved nodes stand where their reservation does.
run "nodes_of_another_kind" {
  command = apply

  module {
    source = "../modules/aks-gpu-pools"
  }

  variables {
    node_groups = {
      t4-on-demand = { name = "t4od", pool = "t4", capacity = "on-demand", vm_size = "Standard_NC4as_T4_v3", min_nodes = 0, gpus_per_node = 1, max_nodes = 9, zones = ["1"], disk_type = "Ephemeral", max_pods = 60, max_surge = 2, max_unavailable = 0, compact = true }
      t4-spot      = { name = "t4sp", pool = "t4", capacity = "spot", vm_size = "Standard_NC4as_T4_v3", min_nodes = 0, gpus_per_node = 1, max_nodes = 9, zones = ["1"], disk_type = "Ephemeral", max_pods = 60, max_surge = 2, max_unavailable = 0, compact = true }
      t4-reserved  = { name = "t4rs", pool = "t4", capacity = "reserved", vm_size = "Standard_NC4as_T4_v3", min_nodes = 0, gpus_per_node = 1, max_nodes = 9, zones = ["1"], disk_type = "Ephemeral", max_pods = 60, max_surge = 2, max_unavailable = 0, reservation = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg/providers/Microsoft.Compute/capacityReservationGroups/t4" }
    }
  }

  assert {
    condition     = alltrue([for item in azurerm_kubernetes_cluster_node_pool.this : item.os_disk_type == "Ephemeral" && item.max_pods == 60])
    error_message = "The disk or the number of pods is wrong."
  }

  assert {
    condition = { for key, item in azurerm_kubernetes_cluster_node_pool.this : key => item.proximity_placement_group_id != null } == {
      t4-on-demand = true
      t4-spot      = true
      t4-reserved  = false
    }
    error_message = "Nodes that are asked to stand close together do, and no reserved ones."
  }

  assert {
    condition     = { for key, item in azurerm_proximity_placement_group.this : key => [item.name, item.location] } == { t4-on-demand = ["platform-t4od", "westeurope"], t4-spot = ["platform-t4sp", "westeurope"] }
    error_message = "Each node pool has a group of its own: ${jsonencode(azurerm_proximity_placement_group.this)}"
  }

  assert {
    condition     = one(azurerm_kubernetes_cluster_node_pool.this["t4-on-demand"].upgrade_settings).max_surge == "2" && one(azurerm_kubernetes_cluster_node_pool.this["t4-on-demand"].upgrade_settings).max_unavailable == null && length(azurerm_kubernetes_cluster_node_pool.this["t4-spot"].upgrade_settings) == 0
    error_message = "An upgrade takes the wrong number of nodes."
  }
}

run "upgrade_refused" {
  command = plan

  module {
    source = "../modules/aks-gpu-pools"
  }

  variables {
    node_groups = {
      t4-on-demand = { name = "t4od", pool = "t4", capacity = "on-demand", vm_size = "Standard_NC4as_T4_v3", min_nodes = 0, gpus_per_node = 1, max_nodes = 1, max_surge = 1, max_unavailable = 1 }
    }
  }

  expect_failures = [var.node_groups]
}

run "compact_refused" {
  command = plan

  module {
    source = "../modules/aks-gpu-pools"
  }

  variables {
    node_groups = {
      t4-on-demand = { name = "t4od", pool = "t4", capacity = "on-demand", vm_size = "Standard_NC4as_T4_v3", min_nodes = 0, gpus_per_node = 1, max_nodes = 1, zones = ["1", "2"], compact = true }
    }
  }

  expect_failures = [var.node_groups]
}

run "a_cluster_elsewhere_refused" {
  command = plan

  module {
    source = "../modules/aks-gpu-pools"
  }

  variables {
    location = "northeurope"
  }

  expect_failures = [data.azurerm_resources.cluster]
}

run "limits_refused" {
  command = plan

  module {
    source = "../modules/aks-gpu-pools"
  }

  variables {
    node_groups = {
      l4-on-demand = { name = "l4od", pool = "l4", capacity = "on-demand", vm_size = "Standard_NC4as_T4_v3", min_nodes = 2, gpus_per_node = 1, max_nodes = 1 }
    }
  }

  expect_failures = [var.node_groups]
}

run "reservation_missed" {
  command = plan

  module {
    source = "../modules/aks-gpu-pools"
  }

  variables {
    node_groups = {
      l4-reserved = { name = "l4rs", pool = "l4", capacity = "reserved", vm_size = "Standard_NC4as_T4_v3", min_nodes = 0, gpus_per_node = 1, max_nodes = 1 }
    }
  }

  expect_failures = [var.node_groups]
}

run "same_names_refused" {
  command = plan

  module {
    source = "../modules/aks-gpu-pools"
  }

  variables {
    node_groups = {
      chat-a-on-demand = { name = "chataod", pool = "chat-a", capacity = "on-demand", vm_size = "Standard_NC4as_T4_v3", min_nodes = 0, gpus_per_node = 1, max_nodes = 1 }
      chata-on-demand  = { name = "chataod", pool = "chata", capacity = "on-demand", vm_size = "Standard_NC4as_T4_v3", min_nodes = 0, gpus_per_node = 1, max_nodes = 1 }
    }
  }

  expect_failures = [var.node_groups]
}
