output "name" {
  description = "Name of the cluster."
  value       = azurerm_kubernetes_cluster.this.name
}

output "pools" {
  description = "What modules/aks-gpu-pools has to know of the cluster, as its variable `cluster`."
  value = {
    id                 = azurerm_kubernetes_cluster.this.id
    kubernetes_version = var.kubernetes_version
  }
}

output "subnet_id" {
  description = "Resource id of the nodes' subnet."
  value       = azurerm_subnet.nodes.id
}

output "fqdn" {
  description = "Name of the control plane: private, or public where addresses may reach it from the internet."
  value       = local.private ? azurerm_kubernetes_cluster.this.private_fqdn : azurerm_kubernetes_cluster.this.fqdn
}

output "oidc_issuer_url" {
  description = "Issuer of the tokens of service accounts, which Entra's federated credentials name."
  value       = azurerm_kubernetes_cluster.this.oidc_issuer_url
}

output "kubelet_identity" {
  description = "Object id of the nodes' identity, for a registry's role AcrPull."
  value       = azurerm_user_assigned_identity.kubelet.principal_id
}

output "log_analytics_workspace_id" {
  description = "Resource id of the workspace that has the logs of the control plane."
  value       = azurerm_log_analytics_workspace.this.id
}
