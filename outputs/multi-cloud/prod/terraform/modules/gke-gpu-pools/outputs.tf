output "node_pools" {
  description = "Node pools by key: what was asked for, and their names in the cluster."
  value = {
    for key, item in local.node_groups : key => {
      pool         = item.pool
      capacity     = item.capacity
      machine_type = item.machine_type
      min_nodes    = item.min_nodes
      max_nodes    = item.max_nodes
      name         = google_container_node_pool.this[key].name
    }
  }
}

output "service_account" {
  description = "E-mail of the service account of the nodes."
  value       = local.service_account
}
