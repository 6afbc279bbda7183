output "node_pools" {
  description = "Node pools by key: what was asked for, and their names in the cluster."
  value       = module.gpu_pools.node_pools
}

output "service_account" {
  description = "E-mail of the service account of the nodes."
  value       = module.gpu_pools.service_account
}
