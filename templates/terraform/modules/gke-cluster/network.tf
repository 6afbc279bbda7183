locals {
  pod_range     = "pods"
  service_range = "services"
}

resource "google_compute_network" "this" {
  project                 = var.project
  name                    = var.cluster_name
  auto_create_subnetworks = false
  routing_mode            = "REGIONAL"
}

resource "google_compute_subnetwork" "nodes" {
  project       = var.project
  region        = var.region
  name          = "${var.cluster_name}-nodes"
  network       = google_compute_network.this.id
  ip_cidr_range = var.network.nodes

  # Nodes have no public address and reach Google's own services all the same.
  private_ip_google_access = true

  secondary_ip_range {
    range_name    = local.pod_range
    ip_cidr_range = var.network.pods
  }

  secondary_ip_range {
    range_name    = local.service_range
    ip_cidr_range = var.network.services
  }

  # One connection in ten: enough to see who talks to whom.
  log_config {
    aggregation_interval = "INTERVAL_10_MIN"
    flow_sampling        = 0.1
    metadata             = "INCLUDE_ALL_METADATA"
  }
}

resource "google_compute_router" "this" {
  project = var.project
  region  = var.region
  name    = var.cluster_name
  network = google_compute_network.this.id
}

# The way out, for images and models.
resource "google_compute_router_nat" "this" {
  project                            = var.project
  region                             = var.region
  router                             = google_compute_router.this.name
  name                               = var.cluster_name
  nat_ip_allocate_option             = "AUTO_ONLY"
  source_subnetwork_ip_ranges_to_nat = "LIST_OF_SUBNETWORKS"

  subnetwork {
    name                    = google_compute_subnetwork.nodes.id
    source_ip_ranges_to_nat = ["ALL_IP_RANGES"]
  }

  # A model is fetched over many connections at once.
  enable_endpoint_independent_mapping = false
  enable_dynamic_port_allocation      = true
  min_ports_per_vm                    = 64
  max_ports_per_vm                    = 4096

  log_config {
    enable = true
    filter = "ERRORS_ONLY"
  }
}
