# A cluster that is created here.

variable "kubernetes_version" {
  description = "Minor version of Kubernetes."
  type        = string
}

variable "zones" {
  description = "Zones of the nodes; GKE chooses three when empty."
  type        = list(string)
}

variable "network" {
  description = "Address ranges (CIDR) of nodes, pods and Services."
  type = object({
    nodes    = string
    pods     = string
    services = string
  })
}

variable "public_access_cidrs" {
  description = "Addresses from which the control plane can be reached over the internet; it has no public address when empty."
  type        = list(string)
}

variable "dns_endpoint" {
  description = "Whether the control plane can also be reached at its DNS name, by who has the permission container.clusters.connect."
  type        = bool
  default     = false
}

variable "system_pool" {
  description = "Machine type and limits of the nodes without GPUs."
  type = object({
    machine   = string
    min_nodes = number
    max_nodes = number
  })
}

variable "encryption_key" {
  description = "Id of a KMS key in the cluster's region that GKE's service agent may use already; one is created when null."
  type        = string
  default     = null
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to delete the cluster and its key."
  type        = bool
  default     = true
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

locals {
  cluster_name = module.cluster.name
  cluster      = module.cluster.pools
}

output "cluster" {
  description = "Name and location of the cluster, and the address of its control plane."
  value = {
    name     = module.cluster.name
    location = module.cluster.location
    endpoint = module.cluster.endpoint
  }
}
