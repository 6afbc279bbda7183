# GPU nodes that Karpenter starts.

variable "node_role_arn" {
  description = "ARN of an IAM role for the nodes; one is created when null."
  type        = string
}

variable "node_role_name" {
  description = "Name of the role that is created, by which EC2NodeClass objects call it."
  type        = string
}

variable "controller" {
  description = "Whether the controller needs an identity and a queue; not where it is installed already."
  type        = bool
}

variable "queue_name" {
  description = "Name of the queue of interruptions, as the controller is told it."
  type        = string
}

module "karpenter" {
  source = "../modules/eks-karpenter"

  cluster_name      = local.cluster_name
  node_role_arn     = var.node_role_arn
  node_role_name    = var.node_role_name
  attach_cni_policy = local.attach_cni_policy
  controller        = var.controller
  queue_name        = var.queue_name
  tags              = var.tags
}

output "node_role_arn" {
  description = "ARN of the IAM role of the nodes."
  value       = module.karpenter.node_role_arn
}

output "controller_role_arn" {
  description = "ARN of the IAM role of the controller; null where it is installed already."
  value       = module.karpenter.controller_role_arn
}

output "queue_name" {
  description = "Name of the queue of interruptions; null where the controller is installed already."
  value       = module.karpenter.queue_name
}
