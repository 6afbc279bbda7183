# GPU nodes in node groups.

variable "node_role_arn" {
  description = "ARN of an IAM role for the GPU nodes; one is created when null."
  type        = string
}

variable "autoscaler_identity" {
  description = "Whether the service account kube-system/cluster-autoscaler gets a role of its own, by EKS Pod Identity, whose agent the cluster then needs."
  type        = bool
}

variable "node_groups" {
  description = "Node groups of the GPU pools by key, as modules/eks-gpu-pools describes them."
  type = map(object({
    name           = string
    pool           = string
    capacity       = string
    gpu            = string
    gpus_per_node  = number
    instance_types = list(string)
    min_nodes      = number
    max_nodes      = number
    labels         = map(string)
    taints = list(object({
      key    = string
      value  = string
      effect = string
    }))
    disk_gib        = number
    disk_type       = optional(string)
    max_pods        = optional(number)
    compact         = bool
    max_unavailable = number
    reservation = optional(object({
      id   = string
      kind = string
    }))
  }))
}

module "gpu_pools" {
  source = "../modules/eks-gpu-pools"

  cluster_name        = local.cluster_name
  kubernetes_version  = local.kubernetes_version
  subnet_ids          = local.subnet_ids
  node_role_arn       = var.node_role_arn
  attach_cni_policy   = local.attach_cni_policy
  autoscaler_identity = var.autoscaler_identity
  node_groups         = var.node_groups
  tags                = var.tags
}

output "node_groups" {
  description = "Node groups by key: what was asked for, and the names that AWS gave."
  value       = module.gpu_pools.node_groups
}

output "node_role_arn" {
  description = "ARN of the IAM role of the nodes."
  value       = module.gpu_pools.node_role_arn
}
