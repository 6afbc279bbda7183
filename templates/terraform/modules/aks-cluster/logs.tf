locals {
  # Every call that changes something, who was let in, and why nodes came and went. kube-audit would add every call that reads.
  control_plane_logs = toset([
    "cloud-controller-manager",
    "cluster-autoscaler",
    "guard",
    "kube-apiserver",
    "kube-audit-admin",
    "kube-controller-manager",
    "kube-scheduler",
  ])
}

resource "azurerm_log_analytics_workspace" "this" {
  resource_group_name          = var.resource_group_name
  location                     = var.location
  name                         = "${local.plain_name}-logs"
  sku                          = "PerGB2018"
  retention_in_days            = var.log_retention_days
  local_authentication_enabled = false
  tags                         = var.tags
}

resource "azurerm_monitor_diagnostic_setting" "control_plane" {
  name                           = "control-plane"
  target_resource_id             = azurerm_kubernetes_cluster.this.id
  log_analytics_workspace_id     = azurerm_log_analytics_workspace.this.id
  log_analytics_destination_type = "Dedicated"

  dynamic "enabled_log" {
    for_each = local.control_plane_logs

    content {
      category = enabled_log.value
    }
  }
}
