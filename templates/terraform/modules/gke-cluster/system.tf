locals {
  # What the account may do is said by its roles.
  oauth_scopes = ["https://www.googleapis.com/auth/cloud-platform"]

  # Write logs and metrics, and pull images of the same project.
  system_roles = toset(["roles/container.defaultNodeServiceAccount", "roles/artifactregistry.reader"])

  # An id has 30 characters, and clusters of the same name may stand in several regions of a project.
  account_id = "sys-${trimsuffix(substr(var.cluster_name, 0, 17), "-")}-${substr(sha1("${var.region}/${var.cluster_name}"), 0, 8)}"

  # GKE takes three zones of a region when none are named.
  zone_count = length(var.zones) > 0 ? length(var.zones) : 3
}

resource "google_service_account" "system" {
  project      = var.project
  account_id   = local.account_id
  display_name = "System nodes of ${var.cluster_name}"
}

resource "google_project_iam_member" "system" {
  for_each = local.system_roles

  project = var.project
  role    = each.value
  member  = "serviceAccount:${google_service_account.system.email}"
}

# Without a taint: whatever asks for no GPU runs here.
resource "google_container_node_pool" "system" {
  project  = var.project
  location = var.region
  cluster  = google_container_cluster.this.name
  name     = "system"

  # A count for each zone. Where that many are not allowed, the autoscaler brings the first ones.
  initial_node_count = var.system_pool.max_nodes < local.zone_count ? 0 : max(1, floor(var.system_pool.min_nodes / local.zone_count))

  autoscaling {
    total_min_node_count = var.system_pool.min_nodes
    total_max_node_count = var.system_pool.max_nodes
    location_policy      = "BALANCED"
  }

  management {
    auto_repair  = true
    auto_upgrade = true
  }

  upgrade_settings {
    strategy        = "SURGE"
    max_surge       = 1
    max_unavailable = 0
  }

  node_config {
    machine_type    = var.system_pool.machine
    image_type      = "COS_CONTAINERD"
    service_account = google_service_account.system.email
    oauth_scopes    = local.oauth_scopes
    labels          = { "fleetgen.dev/system" = "true" }
    resource_labels = var.resource_labels

    gvnic {
      enabled = true
    }

    shielded_instance_config {
      enable_integrity_monitoring = true
      enable_secure_boot          = true
    }

    # Keeps the node's own identity from pods.
    workload_metadata_config {
      mode = "GKE_METADATA"
    }
  }

  timeouts {
    create = "60m"
    update = "120m"
    delete = "60m"
  }

  lifecycle {
    # How the node pool began; the autoscaler has moved on since, and a change would replace it.
    ignore_changes = [initial_node_count]
  }

  # Nodes need their permissions and their way out until the last of them has left.
  depends_on = [
    google_compute_router_nat.this,
    google_project_iam_member.system,
  ]
}
