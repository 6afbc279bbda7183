# A regional GKE cluster (Standard) with a network of its own and a small pool for the cluster's own pods. The control plane and
# the nodes are private; Kubernetes' own version is pinned. The project needs the APIs compute, container, cloudkms and
# binaryauthorization; GPU nodes are added by modules/gke-gpu-pools.

resource "google_container_cluster" "this" {
  project        = var.project
  location       = var.region
  name           = var.cluster_name
  node_locations = length(var.zones) > 0 ? var.zones : null

  # The minor version stays until it is changed here; patches come by themselves, in the maintenance window.
  min_master_version = var.kubernetes_version

  release_channel {
    channel = "REGULAR"
  }

  maintenance_policy {
    recurring_window {
      start_time = var.maintenance_window.start
      end_time   = var.maintenance_window.end
      recurrence = var.maintenance_window.recurrence
    }

    maintenance_exclusion {
      exclusion_name = "minor-version-is-pinned"
      start_time     = "2026-01-01T00:00:00Z"

      exclusion_options {
        scope             = "NO_MINOR_UPGRADES"
        end_time_behavior = "UNTIL_END_OF_SUPPORT"
      }
    }
  }

  network         = google_compute_network.this.id
  subnetwork      = google_compute_subnetwork.nodes.id
  networking_mode = "VPC_NATIVE"

  ip_allocation_policy {
    cluster_secondary_range_name  = local.pod_range
    services_secondary_range_name = local.service_range
  }

  # Dataplane V2: network policies hold without an add-on.
  datapath_provider           = "ADVANCED_DATAPATH"
  enable_intranode_visibility = true

  private_cluster_config {
    enable_private_nodes    = true
    enable_private_endpoint = length(var.public_access_cidrs) == 0
  }

  # Who is in the network, or in one joined to it, reaches the control plane; from elsewhere only the given addresses do,
  # and no machine of other customers of Google.
  master_authorized_networks_config {
    gcp_public_cidrs_access_enabled      = false
    private_endpoint_enforcement_enabled = false

    dynamic "cidr_blocks" {
      for_each = var.public_access_cidrs

      content {
        cidr_block = cidr_blocks.value
      }
    }
  }

  # The DNS endpoint stands on the internet, behind IAM (container.clusters.connect).
  control_plane_endpoints_config {
    dns_endpoint_config {
      allow_external_traffic = var.dns_endpoint
    }

    ip_endpoints_config {
      enabled = true
    }
  }

  # No way in but by Google's identities.
  enable_legacy_abac = false

  master_auth {
    client_certificate_config {
      issue_client_certificate = false
    }
  }

  anonymous_authentication_config {
    mode = "LIMITED"
  }

  rbac_binding_config {
    enable_insecure_binding_system_authenticated   = false
    enable_insecure_binding_system_unauthenticated = false
  }

  workload_identity_config {
    workload_pool = "${var.project}.svc.id.goog"
  }

  database_encryption {
    state    = "ENCRYPTED"
    key_name = local.encryption_key
  }

  enable_shielded_nodes = true

  node_pool_defaults {
    node_config_defaults {
      insecure_kubelet_readonly_port_enabled = "FALSE"
    }
  }

  # The project's policy for images holds here as well; the one a project begins with allows all.
  binary_authorization {
    evaluation_mode = "PROJECT_SINGLETON_POLICY_ENFORCE"
  }

  security_posture_config {
    mode = "BASIC"
  }

  # Audit logs of the control plane are written in any case.
  logging_config {
    enable_components = ["SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER"]
  }

  monitoring_config {
    enable_components = ["SYSTEM_COMPONENTS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER"]

    managed_prometheus {
      enabled = true
    }
  }

  cost_management_config {
    enabled = true
  }

  # Nodes come from node pools alone. Idle ones go soon: they cost the most here.
  cluster_autoscaling {
    enabled             = false
    autoscaling_profile = "OPTIMIZE_UTILIZATION"
  }

  addons_config {
    dns_cache_config {
      enabled = true
    }

    gce_persistent_disk_csi_driver_config {
      enabled = true
    }
  }

  # GKE begins with a node pool of its own, which goes at once. Until then it is not the project's default account that runs it.
  remove_default_node_pool = true
  initial_node_count       = 1

  node_config {
    machine_type    = var.system_pool.machine
    image_type      = "COS_CONTAINERD"
    service_account = google_service_account.system.email
    oauth_scopes    = local.oauth_scopes

    shielded_instance_config {
      enable_integrity_monitoring = true
      enable_secure_boot          = true
    }

    workload_metadata_config {
      mode = "GKE_METADATA"
    }
  }

  deletion_protection = var.deletion_protection
  resource_labels     = var.resource_labels

  timeouts {
    create = "60m"
    update = "120m"
    delete = "60m"
  }

  lifecycle {
    # That of the node pool that is gone.
    ignore_changes = [node_config]
  }

  # Nodes need their permissions, and the control plane its key, before the first of them starts.
  depends_on = [
    google_kms_crypto_key_iam_member.control_plane,
    google_project_iam_member.system,
  ]
}
