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

output "node_groups" {
  description = "Node groups by key: what was asked for, and the names that AWS gave."
  value       = module.gpu_pools.node_groups
}

output "node_role_arn" {
  description = "ARN of the IAM role of the nodes."
  value       = module.gpu_pools.node_role_arn
}
