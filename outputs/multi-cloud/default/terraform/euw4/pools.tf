# GPU nodes in node pools.

variable "service_account" {
  description = "E-mail of a service account for the GPU nodes; one is created when null."
  type        = string
}

variable "node_groups" {
  description = "Node pools of the GPU pools by key, as modules/gke-gpu-pools describes them."
  type = map(object({
    name          = string
    pool          = string
    capacity      = string
    machine_type  = string
    accelerator   = string
    gpus_per_node = number
    local_ssds    = number
    min_nodes     = number
    max_nodes     = number
    labels        = map(string)
    taints = list(object({
      key    = string
      value  = string
      effect = string
    }))
    disk_gib        = number
    disk_type       = optional(string)
    max_pods        = optional(number)
    compact         = bool
    max_surge       = number
    max_unavailable = number
    zones           = list(string)
    reservation     = optional(string)
  }))
}

module "gpu_pools" {
  source = "../modules/gke-gpu-pools"

  project         = var.project
  location        = var.location
  cluster_name    = local.cluster_name
  cluster         = local.cluster
  service_account = var.service_account
  node_groups     = var.node_groups
  resource_labels = var.resource_labels
}

output "node_pools" {
  description = "Node pools by key: what was asked for, and their names in the cluster."
  value       = module.gpu_pools.node_pools
}

output "service_account" {
  description = "E-mail of the service account of the nodes."
  value       = module.gpu_pools.service_account
}
