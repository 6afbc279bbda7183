# GPU node pools for a GKE cluster, at google_container_node_pool.this["<key>"]: which there are is decided where this module
# is called. GKE installs driver and device plugin.

# Not asked for where the cluster is created beside its pools and cannot be read before.
data "google_container_cluster" "this" {
  count = var.cluster == null ? 1 : 0

  project  = var.project
  location = var.location
  name     = var.cluster_name
}

locals {
  # europe-west4-a is a zone, europe-west4 a region.
  zonal = can(regex("-[a-z]$", var.location))

  cluster = var.cluster != null ? var.cluster : {
    zone_count        = local.zonal ? 1 : length(one(data.google_container_cluster.this[*].node_locations))
    workload_identity = length(one(data.google_container_cluster.this[*].workload_identity_config)) > 0
  }

  node_groups = {
    for key, group in var.node_groups : key => merge(group, {
      # A count for each zone. Rounded down: no more than the minimum is bought before a pod asks for it.
      initial_nodes = floor(
        group.min_nodes / max(1, length(group.zones) > 0 ? length(group.zones) : local.cluster.zone_count)
      )

      # Part of the name, so that what replaces a node pool can stand before the old one is drained. What can change
      # in place has no part in it. The address has, since it may be too long for the name.
      replaced_by = substr(sha1(jsonencode([
        group.pool, group.capacity, key == "${group.pool}-${group.capacity}" ? null : group.machine_type,
        group.accelerator, group.local_ssds, group.gpus_per_node, group.max_pods, group.compact,
        group.reservation,
        var.gpu_driver_version, var.service_account, group.capacity == "flex-start" ? var.flex_start_max_run : null,
      ])), 0, 6)
    })
  }

  taint_effects = {
    NoSchedule       = "NO_SCHEDULE"
    PreferNoSchedule = "PREFER_NO_SCHEDULE"
    NoExecute        = "NO_EXECUTE"
  }
}

resource "google_container_node_pool" "this" {
  for_each = local.node_groups

  project  = var.project
  location = var.location
  cluster  = var.cluster_name
  name     = "${each.value.name}-${each.value.replaced_by}"

  node_locations     = length(each.value.zones) > 0 ? each.value.zones : null
  initial_node_count = each.value.initial_nodes
  max_pods_per_node  = each.value.max_pods

  # ANY takes the zone that has GPUs; BALANCED would wait for all of them.
  autoscaling {
    total_min_node_count = each.value.min_nodes
    total_max_node_count = each.value.max_nodes
    location_policy      = "ANY"
  }

  management {
    auto_repair  = each.value.capacity != "flex-start"
    auto_upgrade = true
  }

  # Flex-start nodes are replaced when they end.
  dynamic "upgrade_settings" {
    for_each = each.value.capacity == "flex-start" ? [] : ["SURGE"]

    content {
      strategy        = upgrade_settings.value
      max_surge       = each.value.max_surge
      max_unavailable = each.value.max_unavailable
    }
  }

  dynamic "placement_policy" {
    for_each = each.value.compact ? ["COMPACT"] : []

    content {
      type = placement_policy.value
    }
  }

  node_config {
    machine_type    = each.value.machine_type
    image_type      = "COS_CONTAINERD"
    disk_size_gb    = each.value.disk_gib
    disk_type       = each.value.disk_type
    spot            = each.value.capacity == "spot"
    flex_start      = each.value.capacity == "flex-start" ? true : null
    service_account = local.service_account
    oauth_scopes    = ["https://www.googleapis.com/auth/cloud-platform"]
    labels          = each.value.labels
    resource_labels = var.resource_labels

    max_run_duration = each.value.capacity == "flex-start" ? "${var.flex_start_max_run}s" : null

    guest_accelerator {
      type  = each.value.accelerator
      count = each.value.gpus_per_node

      gpu_driver_installation_config {
        gpu_driver_version = var.gpu_driver_version
      }
    }

    # The local SSDs that come with the machine hold what pods write to the node.
    dynamic "ephemeral_storage_local_ssd_config" {
      for_each = each.value.local_ssds > 0 ? [each.value.local_ssds] : []

      content {
        local_ssd_count = ephemeral_storage_local_ssd_config.value
      }
    }

    dynamic "reservation_affinity" {
      for_each = contains(["reserved", "flex-start"], each.value.capacity) ? [each.value.capacity] : []

      content {
        # Without a name any open reservation will do, but never a machine at the price of on-demand.
        consume_reservation_type = (
          reservation_affinity.value == "flex-start" ? "NO_RESERVATION" :
          each.value.reservation == null ? "ANY_RESERVATION_THEN_FAIL" : "SPECIFIC_RESERVATION"
        )
        key    = each.value.reservation == null ? null : "compute.googleapis.com/reservation-name"
        values = each.value.reservation == null ? null : [each.value.reservation]
      }
    }

    gvnic {
      enabled = true
    }

    shielded_instance_config {
      enable_integrity_monitoring = true
      enable_secure_boot          = true
    }

    # Keeps the node's own identity from pods, where the cluster has Workload Identity.
    dynamic "workload_metadata_config" {
      for_each = local.cluster.workload_identity ? ["GKE_METADATA"] : []

      content {
        mode = workload_metadata_config.value
      }
    }

    dynamic "taint" {
      for_each = each.value.taints

      content {
        key    = taint.value.key
        value  = taint.value.value
        effect = local.taint_effects[taint.value.effect]
      }
    }
  }

  timeouts {
    create = "60m"
    update = "120m"
    delete = "60m"
  }

  lifecycle {
    create_before_destroy = true

    # How the node pool began; the autoscaler has moved on since, and a change would replace it.
    ignore_changes = [initial_node_count]
  }

  # Nodes need their permissions until the last of them has left.
  depends_on = [google_project_iam_member.nodes]
}
