provider "google" {
  project = var.project
}

module "gpu_pools" {
  source = "../modules/gke-gpu-pools"

  project         = var.project
  location        = var.location
  cluster_name    = var.cluster_name
  service_account = var.service_account
  node_groups     = var.node_groups
  resource_labels = var.resource_labels
}
