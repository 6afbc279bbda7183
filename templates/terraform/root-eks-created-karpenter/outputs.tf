output "kubeconfig_command" {
  description = "What tells kubectl of the cluster, run by one of the `admins` from where the control plane can be reached."
  value       = module.cluster.kubeconfig_command
}

output "cluster_security_group_id" {
  description = "Security group of control plane and nodes. Whoever shall reach a private control plane needs a rule for port 443 here."
  value       = module.cluster.cluster_security_group_id
}

output "vpc_id" {
  description = "The cluster's network."
  value       = module.cluster.vpc_id
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
