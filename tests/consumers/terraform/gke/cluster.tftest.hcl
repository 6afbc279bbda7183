# For a cluster that Terraform creates: who reaches it, what its identities may do, what is encrypted and logged.

mock_provider "google" {
  source = "./tests/mocks"
}

variables {
  project            = "acme"
  region             = "europe-west4"
  cluster_name       = "fresh"
  kubernetes_version = "1.34"
  zones              = []
  network            = { nodes = "10.0.0.0/16", pods = "10.64.0.0/14", services = "172.20.0.0/16" }
  system_pool        = { machine = "e2-standard-4", min_nodes = 2, max_nodes = 4 }
  resource_labels    = { fleetgen-fleet = "test" }

  public_access_cidrs = []
}

run "reached_from_an_office" {
  command = plan

  module {
    source = "../modules/gke-cluster"
  }

  variables {
    public_access_cidrs = ["203.0.113.0/24", "198.51.100.7/32"]
    zones               = ["europe-west4-b"]
    deletion_protection = false
    system_pool         = { machine = "e2-standard-8", min_nodes = 3, max_nodes = 3 }
  }

  assert {
    condition     = one(google_container_cluster.this.private_cluster_config).enable_private_endpoint == false && toset([for block in one(google_container_cluster.this.master_authorized_networks_config).cidr_blocks : block.cidr_block]) == toset(["203.0.113.0/24", "198.51.100.7/32"])
    error_message = "The given addresses, and they alone, reach the control plane."
  }

  assert {
    condition     = one(google_container_cluster.this.private_cluster_config).enable_private_nodes && one(google_container_cluster.this.master_authorized_networks_config).gcp_public_cidrs_access_enabled == false
    error_message = "Nodes stay private, and Google's other customers outside."
  }

  assert {
    condition     = google_container_cluster.this.node_locations == toset(["europe-west4-b"]) && google_container_node_pool.system.initial_node_count == 3 && output.pools.zone_count == 1
    error_message = "The nodes stand in the given zone."
  }

  assert {
    condition     = google_container_cluster.this.deletion_protection == false && one(google_kms_crypto_key.this).deletion_policy == "DELETE"
    error_message = "Who wants to delete the cluster can."
  }
}

run "fewer_nodes_than_zones" {
  command = plan

  module {
    source = "../modules/gke-cluster"
  }

  variables {
    system_pool = { machine = "e2-standard-4", min_nodes = 1, max_nodes = 2 }
  }

  assert {
    condition     = google_container_node_pool.system.initial_node_count == 0
    error_message = "GKE must not begin with more nodes than there may be."
  }
}

run "private" {
  command = apply

  module {
    source = "../modules/gke-cluster"
  }

  assert {
    condition     = one(google_container_cluster.this.private_cluster_config).enable_private_endpoint && one(google_container_cluster.this.private_cluster_config).enable_private_nodes
    error_message = "Neither control plane nor nodes may have a public address."
  }

  assert {
    condition     = length(one(google_container_cluster.this.master_authorized_networks_config).cidr_blocks) == 0 && one(google_container_cluster.this.master_authorized_networks_config).gcp_public_cidrs_access_enabled == false
    error_message = "Nobody outside may reach the control plane."
  }

  assert {
    condition     = one(one(google_container_cluster.this.control_plane_endpoints_config).dns_endpoint_config).allow_external_traffic == false
    error_message = "The DNS endpoint stands on the internet."
  }

  assert {
    condition     = one(google_container_cluster.this.database_encryption).state == "ENCRYPTED" && one(google_container_cluster.this.database_encryption).key_name == "projects/acme/locations/europe-west4/keyRings/fresh/cryptoKeys/etcd"
    error_message = "Secrets must be encrypted by the created key."
  }

  assert {
    condition = alltrue([
      for grant in google_kms_crypto_key_iam_member.control_plane :
      grant.member == "serviceAccount:service-123456789012@container-engine-robot.iam.gserviceaccount.com"
      && grant.role == "roles/cloudkms.cryptoKeyEncrypterDecrypter"
      && endswith(grant.crypto_key_id, "/cryptoKeys/etcd")
    ]) && length(google_kms_crypto_key_iam_member.control_plane) == 1
    error_message = "GKE's service agent, and nobody else, must be able to use the key."
  }

  assert {
    condition     = one(google_kms_crypto_key.this).rotation_period == "7776000s" && one(google_kms_crypto_key.this).deletion_policy == "PREVENT" && google_container_cluster.this.deletion_protection
    error_message = "The key must rotate, and nothing be lost to a slip."
  }

  assert {
    condition     = toset([for grant in google_project_iam_member.system : grant.role]) == toset(["roles/container.defaultNodeServiceAccount", "roles/artifactregistry.reader"]) && alltrue([for grant in google_project_iam_member.system : grant.member == "serviceAccount:created@acme.iam.gserviceaccount.com"])
    error_message = "Nodes write logs and metrics and pull images; that is all."
  }

  assert {
    condition     = one(google_container_node_pool.system.node_config).service_account == "created@acme.iam.gserviceaccount.com" && one(google_container_cluster.this.node_config).service_account == "created@acme.iam.gserviceaccount.com"
    error_message = "No node may run as the project's default account."
  }

  assert {
    condition     = one(google_container_cluster.this.workload_identity_config).workload_pool == "acme.svc.id.goog" && one(one(google_container_node_pool.system.node_config).workload_metadata_config).mode == "GKE_METADATA"
    error_message = "Pods must have identities of their own, and not the node's."
  }

  assert {
    condition     = toset(one(google_container_cluster.this.logging_config).enable_components) == toset(["SYSTEM_COMPONENTS", "WORKLOADS", "APISERVER", "CONTROLLER_MANAGER", "SCHEDULER"])
    error_message = "The control plane must be logged."
  }

  assert {
    condition     = google_container_cluster.this.min_master_version == "1.34" && one(one(google_container_cluster.this.maintenance_policy).maintenance_exclusion[*].exclusion_options)[0].scope == "NO_MINOR_UPGRADES"
    error_message = "The minor version must stay."
  }

  assert {
    condition     = google_container_cluster.this.datapath_provider == "ADVANCED_DATAPATH" && google_container_cluster.this.enable_legacy_abac == false && one(one(google_container_cluster.this.master_auth).client_certificate_config).issue_client_certificate == false && one(google_container_cluster.this.anonymous_authentication_config).mode == "LIMITED"
    error_message = "Network policies hold, and nobody comes in but by Google's identities."
  }

  assert {
    condition     = one(one(google_container_node_pool.system.node_config).shielded_instance_config).enable_secure_boot && one(google_container_node_pool.system.node_config).image_type == "COS_CONTAINERD"
    error_message = "System nodes must be shielded."
  }

  assert {
    condition     = jsonencode([for item in google_container_node_pool.system.autoscaling : [item.total_min_node_count, item.total_max_node_count]]) == "[[2,4]]" && one(google_container_node_pool.system.node_config).machine_type == "e2-standard-4" && length(one(google_container_node_pool.system.node_config).taint) == 0 && one(google_container_node_pool.system.node_config).labels == tomap({ "fleetgen.dev/system" = "true" }) && google_container_node_pool.system.initial_node_count == 1
    error_message = "The system pool has two to four nodes without a taint."
  }

  assert {
    condition     = google_container_cluster.this.remove_default_node_pool && length(google_container_cluster.this.node_pool) == 0
    error_message = "GKE's own node pool must go."
  }

  assert {
    condition     = google_compute_subnetwork.nodes.ip_cidr_range == "10.0.0.0/16" && { for range in google_compute_subnetwork.nodes.secondary_ip_range : range.range_name => range.ip_cidr_range } == { pods = "10.64.0.0/14", services = "172.20.0.0/16" } && google_compute_subnetwork.nodes.private_ip_google_access
    error_message = "The subnet must have the given ranges."
  }

  assert {
    condition     = one(google_container_cluster.this.ip_allocation_policy).cluster_secondary_range_name == "pods" && one(google_container_cluster.this.ip_allocation_policy).services_secondary_range_name == "services"
    error_message = "Pods and Services take their addresses from the subnet's ranges."
  }

  assert {
    condition     = google_compute_router_nat.this.source_subnetwork_ip_ranges_to_nat == "LIST_OF_SUBNETWORKS" && one(google_compute_router_nat.this.subnetwork).name == google_compute_subnetwork.nodes.id
    error_message = "The nodes need a way out, and nothing else does."
  }

  assert {
    condition     = output.pools == { zone_count = 3, workload_identity = true }
    error_message = "GPU pools are told of the cluster what holds: ${jsonencode(output.pools)}"
  }
}

run "with_a_key_of_its_own" {
  command = plan

  module {
    source = "../modules/gke-cluster"
  }

  variables {
    encryption_key = "projects/keys/locations/europe-west4/keyRings/shared/cryptoKeys/gke"
  }

  assert {
    condition     = one(google_container_cluster.this.database_encryption).key_name == var.encryption_key && length(google_kms_key_ring.this) + length(google_kms_crypto_key.this) + length(data.google_project.this) + length(google_kms_crypto_key_iam_member.control_plane) == 0
    error_message = "A given key is used as it is."
  }
}

run "everybody_refused" {
  command = plan

  module {
    source = "../modules/gke-cluster"
  }

  variables {
    public_access_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.public_access_cidrs]
}

run "patch_version_refused" {
  command = plan

  module {
    source = "../modules/gke-cluster"
  }

  variables {
    kubernetes_version = "1.34.1"
  }

  expect_failures = [var.kubernetes_version]
}

run "zone_as_region_refused" {
  command = plan

  module {
    source = "../modules/gke-cluster"
  }

  variables {
    region = "europe-west4-a"
  }

  expect_failures = [var.region]
}

run "no_system_node_refused" {
  command = plan

  module {
    source = "../modules/gke-cluster"
  }

  variables {
    system_pool = { machine = "e2-standard-4", min_nodes = 0, max_nodes = 2 }
  }

  expect_failures = [var.system_pool]
}
