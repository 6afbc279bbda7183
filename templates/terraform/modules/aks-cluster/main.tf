# An AKS cluster with a network of its own and a small pool for the cluster's own pods, in a resource group that is there
# already. The control plane is private; Kubernetes' own version is pinned. Who applies this assigns roles to the cluster's
# identities and needs the right to. GPU nodes are added by modules/aks-gpu-pools.

locals {
  private = length(var.public_access_cidrs) == 0

  # Names in DNS have up to 54 letters, digits and hyphens.
  plain_name = trim(substr(replace(var.cluster_name, "_", "-"), 0, 54), "-")
}

resource "azurerm_kubernetes_cluster" "this" {
  resource_group_name = var.resource_group_name
  location            = var.location
  name                = var.cluster_name
  dns_prefix          = local.plain_name
  sku_tier            = "Standard"

  # The minor version stays until it is changed here; its patches, and those of the nodes' system, come by themselves.
  kubernetes_version        = var.kubernetes_version
  automatic_upgrade_channel = "patch"
  node_os_upgrade_channel   = "SecurityPatch"

  maintenance_window_auto_upgrade {
    frequency   = "Weekly"
    interval    = 1
    day_of_week = var.maintenance_window.day
    start_time  = var.maintenance_window.start
    duration    = var.maintenance_window.hours
    utc_offset  = "+00:00"
  }

  maintenance_window_node_os {
    frequency   = "Weekly"
    interval    = 1
    day_of_week = var.maintenance_window.day
    start_time  = var.maintenance_window.start
    duration    = var.maintenance_window.hours
    utc_offset  = "+00:00"
  }

  # Who is in the network, or in one joined to it, reaches the control plane; from elsewhere only the given addresses do.
  # `az aks command invoke` would be a way round it.
  private_cluster_enabled             = local.private
  private_cluster_public_fqdn_enabled = false
  private_dns_zone_id                 = local.private ? "System" : null
  run_command_enabled                 = false

  dynamic "api_server_access_profile" {
    for_each = local.private ? [] : [var.public_access_cidrs]

    content {
      # The nodes come by way of the NAT gateway.
      authorized_ip_ranges = concat(api_server_access_profile.value, ["${azurerm_public_ip.nat.ip_address}/32"])
    }
  }

  # Pods have addresses of their own behind those of the nodes. Cilium makes network policies hold.
  network_profile {
    network_plugin      = "azure"
    network_plugin_mode = "overlay"
    network_data_plane  = "cilium"
    network_policy      = "cilium"
    pod_cidr            = var.network.pods
    service_cidr        = var.network.services
    dns_service_ip      = cidrhost(var.network.services, 10)
    outbound_type       = "userAssignedNATGateway"
    load_balancer_sku   = "standard"
  }

  # No way in but by Entra's identities: no certificate of an administrator that works for ever.
  local_account_disabled            = true
  role_based_access_control_enabled = true

  azure_active_directory_role_based_access_control {
    azure_rbac_enabled     = true
    admin_group_object_ids = var.admin_group_object_ids
  }

  identity {
    type         = "UserAssigned"
    identity_ids = [azurerm_user_assigned_identity.control_plane.id]
  }

  kubelet_identity {
    client_id                 = azurerm_user_assigned_identity.kubelet.client_id
    object_id                 = azurerm_user_assigned_identity.kubelet.principal_id
    user_assigned_identity_id = azurerm_user_assigned_identity.kubelet.id
  }

  oidc_issuer_enabled       = true
  workload_identity_enabled = true

  # The subscription's policies hold inside the cluster as well.
  azure_policy_enabled  = true
  cost_analysis_enabled = true

  # Images that nothing runs go after a week.
  image_cleaner_enabled        = true
  image_cleaner_interval_hours = 168

  # etcd and disks are encrypted by Azure's own keys in any case; with a key of one's own, Secrets are encrypted before.
  disk_encryption_set_id = var.disk_encryption_set_id

  dynamic "key_management_service" {
    for_each = var.encryption_key[*]

    content {
      key_vault_key_id         = key_management_service.value.key_vault_key_id
      key_vault_network_access = key_management_service.value.network_access
    }
  }

  # Nodes come from node pools alone. Which of them grows first is said in the ConfigMap
  # kube-system/cluster-autoscaler-priority-expander; without one any of them may.
  node_provisioning_profile {
    mode = "Manual"
  }

  auto_scaler_profile {
    expander = "priority"
  }

  # Without a taint: whatever asks for no GPU runs here, gateways and monitoring as well as the cluster's own pods.
  default_node_pool {
    name                         = "system"
    vm_size                      = var.system_pool.machine
    orchestrator_version         = var.kubernetes_version
    only_critical_addons_enabled = false
    auto_scaling_enabled         = true
    min_count                    = var.system_pool.min_nodes
    max_count                    = var.system_pool.max_nodes
    max_pods                     = 110
    zones                        = length(var.zones) > 0 ? var.zones : null
    vnet_subnet_id               = azurerm_subnet.nodes.id
    node_public_ip_enabled       = false
    os_disk_type                 = "Managed"
    host_encryption_enabled      = var.host_encryption
    node_labels                  = { "fleetgen.dev/system" = "true" }
    tags                         = var.tags

    # A new machine type, disk or zone moves the nodes by way of a second pool.
    temporary_name_for_rotation = "systemt"

    upgrade_settings {
      max_surge = "33%"
    }
  }

  tags = var.tags

  timeouts {
    create = "90m"
    update = "120m"
    delete = "90m"
  }

  # The control plane needs its permissions, and the nodes their way out, from the first to the last.
  depends_on = [
    azurerm_nat_gateway_public_ip_association.this,
    azurerm_role_assignment.control_plane,
    azurerm_subnet_nat_gateway_association.nodes,
  ]
}
