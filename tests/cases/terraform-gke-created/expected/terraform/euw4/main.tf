provider "google" {
  project = var.project
}

module "cluster" {
  source = "../modules/gke-cluster"

  project             = var.project
  region              = var.location
  cluster_name        = var.cluster_name
  kubernetes_version  = var.kubernetes_version
  zones               = var.zones
  network             = var.network
  public_access_cidrs = var.public_access_cidrs
  dns_endpoint        = var.dns_endpoint
  system_pool         = var.system_pool
  encryption_key      = var.encryption_key
  deletion_protection = var.deletion_protection
  resource_labels     = var.resource_labels
}

module "gpu_pools" {
  source = "../modules/gke-gpu-pools"

  project         = var.project
  location        = var.location
  cluster_name    = module.cluster.name
  cluster         = module.cluster.pools
  service_account = var.service_account
  node_groups     = var.node_groups
  resource_labels = var.resource_labels
}
