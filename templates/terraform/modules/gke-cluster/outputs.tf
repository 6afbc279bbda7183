output "name" {
  description = "Name of the cluster, whose GPU nodes come after its own and leave before them."
  value       = google_container_cluster.this.name

  depends_on = [
    google_compute_router_nat.this,
    google_container_node_pool.system,
  ]
}

output "location" {
  description = "Region of the cluster."
  value       = google_container_cluster.this.location
}

output "pools" {
  description = "What modules/gke-gpu-pools has to know of the cluster, as its variable `cluster`."
  value = {
    zone_count        = local.zone_count
    workload_identity = true
  }
}

output "endpoint" {
  description = "Address of the control plane: private, or public where addresses may reach it from the internet."
  value       = google_container_cluster.this.endpoint
}

output "ca_certificate" {
  description = "Certificate of the control plane's authority, in base64."
  value       = one(google_container_cluster.this.master_auth[*].cluster_ca_certificate)
}

output "workload_pool" {
  description = "Identity namespace of the cluster's service accounts."
  value       = "${var.project}.svc.id.goog"
}

output "network" {
  description = "Ids of the network and of the nodes' subnet."
  value = {
    id        = google_compute_network.this.id
    subnet_id = google_compute_subnetwork.nodes.id
  }
}

output "service_account" {
  description = "E-mail of the service account of the system nodes."
  value       = google_service_account.system.email
}

output "encryption_key" {
  description = "Id of the key that encrypts Secrets in etcd."
  value       = local.encryption_key
}
