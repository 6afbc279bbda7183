output "node_groups" {
  description = "Node groups by key: what was asked for, and the names that AWS gave."
  value       = module.gpu_pools.node_groups
}

output "node_role_arn" {
  description = "ARN of the IAM role of the nodes."
  value       = module.gpu_pools.node_role_arn
}
