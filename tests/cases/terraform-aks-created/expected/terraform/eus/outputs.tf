output "node_pools" {
  description = "Node pools by key: what was asked for, and their names in the cluster."
  value       = module.gpu_pools.node_pools
}

output "cluster" {
  description = "Name of the cluster, of its control plane, and of the issuer of its service accounts' tokens."
  value = {
    name            = module.cluster.name
    fqdn            = module.cluster.fqdn
    oidc_issuer_url = module.cluster.oidc_issuer_url
  }
}
