# GPU nodes in node pools.

variable "node_groups" {
  description = "Node pools of the GPU pools by key, as modules/aks-gpu-pools describes them."
  type = map(object({
    name          = string
    pool          = string
    capacity      = string
    vm_size       = string
    gpus_per_node = number
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
  source = "../modules/aks-gpu-pools"

  resource_group_name = var.resource_group_name
  location            = var.location
  cluster_name        = local.cluster_name
  cluster             = local.cluster
  subnet_id           = local.subnet_id
  host_encryption     = local.host_encryption
  node_groups         = var.node_groups
  tags                = var.tags
}

output "node_pools" {
  description = "Node pools by key: what was asked for, and their names in the cluster."
  value       = module.gpu_pools.node_pools
}
