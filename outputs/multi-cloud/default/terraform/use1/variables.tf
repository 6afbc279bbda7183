# Values stand in fleet.auto.tfvars.json.

variable "region" {
  description = "AWS region of the cluster."
  type        = string
}

variable "cluster_name" {
  description = "Name of the existing EKS cluster that the GPU nodes join."
  type        = string
}

variable "subnet_ids" {
  description = "Subnets of the GPU nodes; the cluster's own when empty."
  type        = list(string)
}

variable "node_role_arn" {
  description = "ARN of an IAM role for the nodes; one is created when null."
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

variable "tags" {
  description = "Tags of everything created here, instances and volumes included."
  type        = map(string)
}
