output "node_pools" {
  description = "Node pools by key: what was asked for, and their names in the cluster."
  value = {
    for key, item in local.node_groups : key => {
      pool          = item.pool
      capacity      = item.capacity
      vm_size       = item.vm_size
      gpus_per_node = item.gpus_per_node
      min_nodes     = item.min_nodes
      max_nodes     = item.max_nodes
      name          = azurerm_kubernetes_cluster_node_pool.this[key].name
    }
  }
}
