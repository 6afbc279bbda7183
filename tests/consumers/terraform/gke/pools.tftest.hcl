# For the pools of the test: what the module makes of each way of buying nodes, written down by hand.

mock_provider "google" {
  source = "./tests/mocks"
}

run "nodes" {
  command = apply

  module {
    source = "../modules/gke-gpu-pools"
  }

  assert {
    condition     = toset(keys(google_container_node_pool.this)) == toset(["l4-spot", "l4-on-demand", "h100-reserved", "open-reserved", "wait-flex-start"])
    error_message = "Node pools are addressed by pool and capacity: ${jsonencode(keys(google_container_node_pool.this))}"
  }

  assert {
    condition = { for key, item in google_container_node_pool.this : key => [item.node_config[0].spot, item.node_config[0].flex_start == true] } == {
      l4-spot         = [true, false]
      l4-on-demand    = [false, false]
      h100-reserved   = [false, false]
      open-reserved   = [false, false]
      wait-flex-start = [false, true]
    }
    error_message = "The way of buying is wrong."
  }

  assert {
    condition = { for key, item in google_container_node_pool.this : key => [item.autoscaling[0].total_min_node_count, item.autoscaling[0].total_max_node_count] } == {
      l4-spot         = [4, 6]
      l4-on-demand    = [0, 6]
      h100-reserved   = [0, 2]
      open-reserved   = [2, 3]
      wait-flex-start = [0, 1]
    }
    error_message = "The limits of the autoscaler are wrong."
  }

  assert {
    condition     = alltrue([for item in google_container_node_pool.this : item.autoscaling[0].location_policy == "ANY" && item.autoscaling[0].max_node_count == null && item.autoscaling[0].min_node_count == null])
    error_message = "The limits are those of the pool, not of each zone."
  }

  # Four nodes over two zones, two over the cluster's three: no node above the minimum is bought at first.
  assert {
    condition = { for key, item in google_container_node_pool.this : key => item.initial_node_count } == {
      l4-spot         = 2
      l4-on-demand    = 0
      h100-reserved   = 0
      open-reserved   = 0
      wait-flex-start = 0
    }
    error_message = "The first nodes are counted for each zone."
  }

  assert {
    condition = { for key, item in google_container_node_pool.this : key => "${item.node_config[0].machine_type} ${one(item.node_config[0].guest_accelerator).count} ${one(item.node_config[0].guest_accelerator).type}" } == {
      l4-spot         = "g2-standard-8 1 nvidia-l4"
      l4-on-demand    = "g2-standard-8 1 nvidia-l4"
      h100-reserved   = "a3-highgpu-8g 8 nvidia-h100-80gb"
      open-reserved   = "g2-standard-8 1 nvidia-l4"
      wait-flex-start = "g2-standard-8 1 nvidia-l4"
    }
    error_message = "The machine or its GPUs are wrong."
  }

  assert {
    condition     = alltrue([for item in google_container_node_pool.this : one(one(item.node_config[0].guest_accelerator).gpu_driver_installation_config).gpu_driver_version == "LATEST" && item.node_config[0].image_type == "COS_CONTAINERD"])
    error_message = "GKE installs the driver, and the latest one on its own system only."
  }

  assert {
    condition = { for key, item in google_container_node_pool.this : key => [for taint in item.node_config[0].taint : "${taint.key}=${taint.value}:${taint.effect}"] } == {
      l4-spot         = []
      l4-on-demand    = []
      h100-reserved   = ["team=chat:NO_EXECUTE"]
      open-reserved   = []
      wait-flex-start = []
    }
    error_message = "The taint of nodes with GPUs is set by GKE, not here."
  }

  assert {
    condition     = google_container_node_pool.this["l4-spot"].node_config[0].labels == tomap({ "fleetgen.dev/pool" = "l4", "note" = "$${path.module}" })
    error_message = "The labels are wrong, or a value was taken for an expression: ${jsonencode(google_container_node_pool.this["l4-spot"].node_config[0].labels)}"
  }

  assert {
    condition     = one(google_container_node_pool.this["h100-reserved"].node_config[0].reservation_affinity).consume_reservation_type == "SPECIFIC_RESERVATION" && one(google_container_node_pool.this["h100-reserved"].node_config[0].reservation_affinity).key == "compute.googleapis.com/reservation-name" && one(google_container_node_pool.this["h100-reserved"].node_config[0].reservation_affinity).values == toset(["h100-block"])
    error_message = "Reserved nodes must use their reservation."
  }

  assert {
    condition     = one(google_container_node_pool.this["open-reserved"].node_config[0].reservation_affinity).consume_reservation_type == "ANY_RESERVATION_THEN_FAIL"
    error_message = "Reserved nodes must not be bought on demand."
  }

  assert {
    condition     = one(google_container_node_pool.this["wait-flex-start"].node_config[0].reservation_affinity).consume_reservation_type == "NO_RESERVATION" && google_container_node_pool.this["wait-flex-start"].node_config[0].max_run_duration == "604800s" && one(google_container_node_pool.this["wait-flex-start"].management).auto_repair == false
    error_message = "Flex-start nodes have an end, no reservation and no repair."
  }

  assert {
    condition     = length(google_container_node_pool.this["l4-spot"].node_config[0].reservation_affinity) == 0 && length(google_container_node_pool.this["l4-on-demand"].node_config[0].reservation_affinity) == 0
    error_message = "Only reserved nodes use a reservation."
  }

  assert {
    condition     = alltrue([for key, item in google_container_node_pool.this : one(item.upgrade_settings).max_surge == 0 && one(item.upgrade_settings).max_unavailable == 1 if key != "wait-flex-start"])
    error_message = "An upgrade must not ask for a GPU more than there are."
  }

  assert {
    condition     = alltrue([for item in google_container_node_pool.this : one(item.node_config[0].shielded_instance_config).enable_secure_boot && one(item.node_config[0].gvnic).enabled])
    error_message = "Nodes start from signed software only."
  }

  assert {
    condition     = google_container_node_pool.this["l4-spot"].node_locations == toset(["europe-west4-a", "europe-west4-b"])
    error_message = "The zones are wrong."
  }

  assert {
    condition     = google_container_node_pool.this["h100-reserved"].node_config[0].disk_size_gb == 500 && google_container_node_pool.this["l4-spot"].node_config[0].disk_size_gb == 200
    error_message = "The size of the root disk is wrong."
  }

  assert {
    condition     = alltrue([for item in google_container_node_pool.this : item.node_config[0].service_account == "created@acme.iam.gserviceaccount.com" && one(item.node_config[0].workload_metadata_config).mode == "GKE_METADATA"])
    error_message = "Nodes have an account of their own, and pods do not."
  }

  assert {
    condition     = toset(keys(google_project_iam_member.nodes)) == toset(["roles/container.defaultNodeServiceAccount", "roles/artifactregistry.reader"]) && one(google_service_account.nodes).account_id == "gpu-platform-${substr(sha1("europe-west4/platform"), 0, 8)}"
    error_message = "The account must hold what nodes need and no more."
  }

  assert {
    condition     = alltrue([for key, item in google_container_node_pool.this : startswith(item.name, "${key}-") && length(item.name) <= 40]) && length(distinct([for item in google_container_node_pool.this : item.name])) == 5
    error_message = "Names begin with the address: ${jsonencode([for item in google_container_node_pool.this : item.name])}"
  }
}

# The autoscaler has moved on, and the limits, the taints and the machine are others: all in place.
run "later" {
  command = plan

  module {
    source = "../modules/gke-gpu-pools"
  }

  variables {
    node_groups = {
      l4-spot = { name = "l4-spot", pool = "l4", capacity = "spot", machine_type = "g2-standard-12", accelerator = "nvidia-l4", min_nodes = 9, gpus_per_node = 1, max_nodes = 9 }
    }
  }

  assert {
    condition     = google_container_node_pool.this["l4-spot"].initial_node_count == 2 && google_container_node_pool.this["l4-spot"].autoscaling[0].total_min_node_count == 9
    error_message = "The first number of nodes must not replace the node pool; the limits belong to the spec."
  }

  assert {
    condition     = google_container_node_pool.this["l4-spot"].name == run.nodes.node_pools["l4-spot"].name
    error_message = "What changes in place must not change the name."
  }

  assert {
    condition     = google_container_node_pool.this["l4-spot"].node_config[0].disk_size_gb == 200 && length(google_container_node_pool.this["l4-spot"].node_config[0].taint) == 0
    error_message = "The module's defaults are those of the spec."
  }
}

# Two types, bought in three ways: each type is a node pool, but a reservation is of the first.
run "several_types" {
  command = apply

  module {
    source = "../modules/gke-gpu-pools"
  }

  variables {
    node_groups = {
      l4-reserved                                                   = { name = "l4-reserved", pool = "l4", capacity = "reserved", machine_type = "g2-standard-8", accelerator = "nvidia-l4", min_nodes = 3, gpus_per_node = 1, max_nodes = 9, reservation = "l4s" }
      l4-spot                                                       = { name = "l4-spot", pool = "l4", capacity = "spot", machine_type = "g2-standard-8", accelerator = "nvidia-l4", min_nodes = 0, gpus_per_node = 1, max_nodes = 9 }
      l4-spot-g2-standard-12                                        = { name = "l4-spot-g2-standard-12", pool = "l4", capacity = "spot", machine_type = "g2-standard-12", accelerator = "nvidia-l4", min_nodes = 0, gpus_per_node = 1, max_nodes = 9 }
      l4-on-demand                                                  = { name = "l4-on-demand", pool = "l4", capacity = "on-demand", machine_type = "g2-standard-8", accelerator = "nvidia-l4", min_nodes = 0, gpus_per_node = 1, max_nodes = 9 }
      l4-on-demand-g2-standard-12                                   = { name = "l4-on-demand-g2-standard-12", pool = "l4", capacity = "on-demand", machine_type = "g2-standard-12", accelerator = "nvidia-l4", min_nodes = 0, gpus_per_node = 1, max_nodes = 9 }
      a-pool-whose-name-alone-has-33-chars-on-demand                = { name = "a-pool-whose-name-alone-has-33-ch", pool = "a-pool-whose-name-alone-has-33-chars", capacity = "on-demand", machine_type = "g2-standard-8", accelerator = "nvidia-l4", min_nodes = 0, gpus_per_node = 1, max_nodes = 1 }
      a-pool-whose-name-alone-has-33-chars-on-demand-g2-standard-12 = { name = "a-pool-whose-name-alone-has-33-ch", pool = "a-pool-whose-name-alone-has-33-chars", capacity = "on-demand", machine_type = "g2-standard-12", accelerator = "nvidia-l4", min_nodes = 0, gpus_per_node = 1, max_nodes = 1 }
    }
  }

  assert {
    condition = { for key, item in google_container_node_pool.this : key => [item.node_config[0].machine_type, tostring(item.autoscaling[0].total_min_node_count)] if startswith(key, "l4-") } == {
      l4-reserved                 = ["g2-standard-8", "3"]
      l4-spot                     = ["g2-standard-8", "0"]
      l4-spot-g2-standard-12      = ["g2-standard-12", "0"]
      l4-on-demand                = ["g2-standard-8", "0"]
      l4-on-demand-g2-standard-12 = ["g2-standard-12", "0"]
    }
    error_message = "Each way of buying has a node pool of each type, and the first of all keeps the minimum: ${jsonencode({ for key, item in google_container_node_pool.this : key => item.node_config[0].machine_type })}"
  }

  assert {
    condition     = length(distinct([for item in google_container_node_pool.this : item.name])) == 7 && alltrue([for item in google_container_node_pool.this : length(item.name) <= 40])
    error_message = "However long the address, node pools differ in name: ${jsonencode([for item in google_container_node_pool.this : item.name])}"
  }
}

# What nodes have beside their GPUs: disks, pods, neighbours; reserved nodes stand where their reservation does.
run "nodes_of_another_kind" {
  command = apply

  module {
    source = "../modules/gke-gpu-pools"
  }

  variables {
    node_groups = {
      h100-spot     = { name = "h100-spot", pool = "h100", capacity = "spot", machine_type = "a3-highgpu-8g", accelerator = "nvidia-h100-80gb", local_ssds = 16, min_nodes = 0, gpus_per_node = 8, max_nodes = 2, zones = ["europe-west4-b"], disk_type = "hyperdisk-balanced", max_pods = 32, max_surge = 1, max_unavailable = 0, compact = true }
      h100-reserved = { name = "h100-reserved", pool = "h100", capacity = "reserved", machine_type = "a3-highgpu-8g", accelerator = "nvidia-h100-80gb", local_ssds = 16, min_nodes = 0, gpus_per_node = 8, max_nodes = 2, zones = ["europe-west4-b"], disk_type = "hyperdisk-balanced", max_pods = 32, max_surge = 1, max_unavailable = 0 }
      l4-on-demand  = { name = "l4-on-demand", pool = "l4", capacity = "on-demand", machine_type = "g2-standard-8", accelerator = "nvidia-l4", min_nodes = 0, gpus_per_node = 1, max_nodes = 1 }
    }
  }

  assert {
    condition = { for key, item in google_container_node_pool.this : key => jsonencode([item.node_config[0].disk_type, [for disk in item.node_config[0].ephemeral_storage_local_ssd_config : disk.local_ssd_count], [for policy in item.placement_policy : policy.type], item.upgrade_settings[0].max_surge, item.upgrade_settings[0].max_unavailable]) if key != "l4-on-demand" } == {
      h100-spot     = jsonencode(["hyperdisk-balanced", [16], ["COMPACT"], 1, 0])
      h100-reserved = jsonencode(["hyperdisk-balanced", [16], [], 1, 0])
    }
    error_message = "The nodes are not those that were asked for: ${jsonencode(google_container_node_pool.this["h100-spot"])}"
  }

  assert {
    condition     = google_container_node_pool.this["h100-spot"].max_pods_per_node == 32 && google_container_node_pool.this["h100-reserved"].max_pods_per_node == 32
    error_message = "The number of pods is wrong."
  }

  assert {
    condition     = length(google_container_node_pool.this["l4-on-demand"].node_config[0].ephemeral_storage_local_ssd_config) == 0 && length(google_container_node_pool.this["l4-on-demand"].placement_policy) == 0
    error_message = "What was not asked for must not be there."
  }
}

run "more_pods" {
  command = plan

  module {
    source = "../modules/gke-gpu-pools"
  }

  variables {
    node_groups = {
      l4-on-demand = { name = "l4-on-demand", pool = "l4", capacity = "on-demand", machine_type = "g2-standard-8", accelerator = "nvidia-l4", min_nodes = 0, gpus_per_node = 1, max_nodes = 1, max_pods = 64 }
    }
  }

  assert {
    condition     = google_container_node_pool.this["l4-on-demand"].name != run.nodes_of_another_kind.node_pools["l4-on-demand"].name
    error_message = "What replaces a node pool must have another name."
  }
}

run "compact_refused" {
  command = plan

  module {
    source = "../modules/gke-gpu-pools"
  }

  variables {
    node_groups = {
      l4-on-demand = { name = "l4-on-demand", pool = "l4", capacity = "on-demand", machine_type = "g2-standard-8", accelerator = "nvidia-l4", min_nodes = 0, gpus_per_node = 1, max_nodes = 1, compact = true }
    }
  }

  expect_failures = [var.node_groups]
}

run "upgrade_refused" {
  command = plan

  module {
    source = "../modules/gke-gpu-pools"
  }

  variables {
    node_groups = {
      l4-on-demand = { name = "l4-on-demand", pool = "l4", capacity = "on-demand", machine_type = "g2-standard-8", accelerator = "nvidia-l4", min_nodes = 0, gpus_per_node = 1, max_nodes = 1, max_surge = 0, max_unavailable = 0 }
    }
  }

  expect_failures = [var.node_groups]
}

run "another_reservation" {
  command = plan

  module {
    source = "../modules/gke-gpu-pools"
  }

  variables {
    node_groups = {
      h100-reserved = { name = "h100-reserved", pool = "h100", capacity = "reserved", machine_type = "a3-highgpu-8g", accelerator = "nvidia-h100-80gb", min_nodes = 0, gpus_per_node = 8, max_nodes = 2, reservation = "other" }
    }
  }

  assert {
    condition     = google_container_node_pool.this["h100-reserved"].name != run.nodes.node_pools["h100-reserved"].name
    error_message = "What replaces a node pool must have another name, or the two cannot stand side by side."
  }
}

run "own_account_in_a_zonal_cluster" {
  command = plan

  module {
    source = "../modules/gke-gpu-pools"
  }

  variables {
    location        = "europe-west4-a"
    service_account = "ours@acme.iam.gserviceaccount.com"
    node_groups = {
      zonal-on-demand = { name = "zonal-on-demand", pool = "zonal", capacity = "on-demand", machine_type = "g2-standard-8", accelerator = "nvidia-l4", min_nodes = 2, gpus_per_node = 1, max_nodes = 4 }
    }
  }

  assert {
    condition     = length(google_service_account.nodes) == 0 && length(google_project_iam_member.nodes) == 0 && google_container_node_pool.this["zonal-on-demand"].node_config[0].service_account == "ours@acme.iam.gserviceaccount.com"
    error_message = "With an account given none is made."
  }

  assert {
    condition     = google_container_node_pool.this["zonal-on-demand"].initial_node_count == 2 && google_container_node_pool.this["zonal-on-demand"].location == "europe-west4-a"
    error_message = "A zonal cluster has one zone, whatever other locations it names."
  }
}

run "limits_refused" {
  command = plan

  module {
    source = "../modules/gke-gpu-pools"
  }

  variables {
    node_groups = {
      l4-on-demand = { name = "l4-on-demand", pool = "l4", capacity = "on-demand", machine_type = "g2-standard-8", accelerator = "nvidia-l4", min_nodes = 2, gpus_per_node = 1, max_nodes = 1 }
    }
  }

  expect_failures = [var.node_groups]
}

run "capacity_refused" {
  command = plan

  module {
    source = "../modules/gke-gpu-pools"
  }

  variables {
    node_groups = {
      l4-spot = { name = "l4-spot", pool = "l4", capacity = "cheap", machine_type = "g2-standard-8", accelerator = "nvidia-l4", min_nodes = 0, gpus_per_node = 1, max_nodes = 1 }
    }
  }

  expect_failures = [var.node_groups]
}

run "taint_of_gke_refused" {
  command = plan

  module {
    source = "../modules/gke-gpu-pools"
  }

  variables {
    node_groups = {
      l4-on-demand = { name = "l4-on-demand", pool = "l4", capacity = "on-demand", machine_type = "g2-standard-8", accelerator = "nvidia-l4", min_nodes = 0, gpus_per_node = 1, max_nodes = 1, taints = [{ key = "nvidia.com/gpu", value = "present" }] }
    }
  }

  expect_failures = [var.node_groups]
}
