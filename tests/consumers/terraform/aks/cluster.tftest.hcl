# For a cluster that Terraform creates: who reaches it, what its identities may do, what is encrypted and logged.

mock_provider "azurerm" {
  source = "./tests/mocks"

  override_resource {
    target = azurerm_user_assigned_identity.control_plane
    values = {
      id           = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-platform/providers/Microsoft.ManagedIdentity/userAssignedIdentities/fresh-control-plane"
      principal_id = "00000000-0000-0000-0000-00000000000c"
    }
  }

  override_resource {
    target = azurerm_user_assigned_identity.kubelet
    values = {
      id           = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-platform/providers/Microsoft.ManagedIdentity/userAssignedIdentities/fresh-kubelet"
      client_id    = "00000000-0000-0000-0000-0000000000cc"
      principal_id = "00000000-0000-0000-0000-00000000000b"
    }
  }
}

variables {
  resource_group_name = "rg-platform"
  location            = "westeurope"
  cluster_name        = "fresh"
  kubernetes_version  = "1.34"
  zones               = []
  network             = { nodes = "10.0.0.0/16", pods = "10.64.0.0/14", services = "172.20.0.0/16" }
  system_pool         = { machine = "Standard_D4ds_v5", min_nodes = 2, max_nodes = 4 }
  tags                = { fleetgen-fleet = "test" }

  public_access_cidrs = []
}

run "private" {
  command = apply

  module {
    source = "../modules/aks-cluster"
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.private_cluster_enabled && azurerm_kubernetes_cluster.this.private_cluster_public_fqdn_enabled == false && azurerm_kubernetes_cluster.this.private_dns_zone_id == "System"
    error_message = "The control plane may have neither a public address nor a public name."
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.run_command_enabled == false && length(azurerm_kubernetes_cluster.this.api_server_access_profile) == 0
    error_message = "There may be no way round the private network."
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.local_account_disabled && azurerm_kubernetes_cluster.this.role_based_access_control_enabled && one(azurerm_kubernetes_cluster.this.azure_active_directory_role_based_access_control).azure_rbac_enabled
    error_message = "Nobody comes in but by Entra's identities."
  }

  assert {
    condition = { for key, grant in azurerm_role_assignment.control_plane : key => [grant.role_definition_name, grant.scope, grant.principal_id] } == {
      subnet  = ["Network Contributor", azurerm_subnet.nodes.id, "00000000-0000-0000-0000-00000000000c"]
      kubelet = ["Managed Identity Operator", azurerm_user_assigned_identity.kubelet.id, "00000000-0000-0000-0000-00000000000c"]
    }
    error_message = "The control plane uses the subnet and gives the nodes their identity; that is all: ${jsonencode({ for key, grant in azurerm_role_assignment.control_plane : key => [grant.role_definition_name, grant.scope] })}"
  }

  assert {
    condition     = one(azurerm_kubernetes_cluster.this.identity).type == "UserAssigned" && one(azurerm_kubernetes_cluster.this.identity).identity_ids == toset([azurerm_user_assigned_identity.control_plane.id]) && one(azurerm_kubernetes_cluster.this.kubelet_identity).object_id == "00000000-0000-0000-0000-00000000000b" && one(azurerm_kubernetes_cluster.this.kubelet_identity).client_id == "00000000-0000-0000-0000-0000000000cc"
    error_message = "Control plane and nodes must have identities of their own."
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.oidc_issuer_enabled && azurerm_kubernetes_cluster.this.workload_identity_enabled
    error_message = "Pods must be able to have identities of their own."
  }

  assert {
    condition     = one(azurerm_kubernetes_cluster.this.network_profile).network_policy == "cilium" && one(azurerm_kubernetes_cluster.this.network_profile).network_data_plane == "cilium" && one(azurerm_kubernetes_cluster.this.network_profile).network_plugin_mode == "overlay"
    error_message = "Network policies must hold."
  }

  assert {
    condition     = one(azurerm_kubernetes_cluster.this.network_profile).pod_cidr == "10.64.0.0/14" && one(azurerm_kubernetes_cluster.this.network_profile).service_cidr == "172.20.0.0/16" && one(azurerm_kubernetes_cluster.this.network_profile).dns_service_ip == "172.20.0.10" && azurerm_virtual_network.this.address_space == toset(["10.0.0.0/16"]) && azurerm_subnet.nodes.address_prefixes == tolist(["10.0.0.0/16"])
    error_message = "Nodes, pods and Services must have the given ranges."
  }

  assert {
    condition     = one(azurerm_kubernetes_cluster.this.network_profile).outbound_type == "userAssignedNATGateway" && azurerm_subnet.nodes.default_outbound_access_enabled == false && azurerm_subnet_nat_gateway_association.nodes.subnet_id == one(azurerm_kubernetes_cluster.this.default_node_pool).vnet_subnet_id && azurerm_nat_gateway_public_ip_association.this.public_ip_address_id == azurerm_public_ip.nat.id
    error_message = "The nodes have one way out, by the NAT gateway."
  }

  assert {
    condition = toset([for log in azurerm_monitor_diagnostic_setting.control_plane.enabled_log : log.category]) == toset([
      "cloud-controller-manager", "cluster-autoscaler", "guard", "kube-apiserver", "kube-audit-admin", "kube-controller-manager", "kube-scheduler",
    ]) && azurerm_monitor_diagnostic_setting.control_plane.target_resource_id == azurerm_kubernetes_cluster.this.id && azurerm_monitor_diagnostic_setting.control_plane.log_analytics_workspace_id == azurerm_log_analytics_workspace.this.id
    error_message = "The control plane must be logged."
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.kubernetes_version == "1.34" && azurerm_kubernetes_cluster.this.automatic_upgrade_channel == "patch" && azurerm_kubernetes_cluster.this.node_os_upgrade_channel == "SecurityPatch" && one(azurerm_kubernetes_cluster.this.default_node_pool).orchestrator_version == "1.34"
    error_message = "The minor version must stay, and security fixes come."
  }

  assert {
    condition     = one(azurerm_kubernetes_cluster.this.maintenance_window_auto_upgrade).day_of_week == "Saturday" && one(azurerm_kubernetes_cluster.this.maintenance_window_node_os).day_of_week == "Saturday"
    error_message = "Fixes come in the maintenance window."
  }

  assert {
    condition     = one(azurerm_kubernetes_cluster.this.node_provisioning_profile).mode == "Manual" && one(azurerm_kubernetes_cluster.this.auto_scaler_profile).expander == "priority"
    error_message = "Nodes come from node pools alone, by their priorities."
  }

  assert {
    condition     = one(azurerm_kubernetes_cluster.this.default_node_pool).vm_size == "Standard_D4ds_v5" && one(azurerm_kubernetes_cluster.this.default_node_pool).min_count == 2 && one(azurerm_kubernetes_cluster.this.default_node_pool).max_count == 4 && one(azurerm_kubernetes_cluster.this.default_node_pool).auto_scaling_enabled && one(azurerm_kubernetes_cluster.this.default_node_pool).only_critical_addons_enabled == false && one(azurerm_kubernetes_cluster.this.default_node_pool).node_labels == tomap({ "fleetgen.dev/system" = "true" })
    error_message = "The system pool has two to four nodes without a taint."
  }

  assert {
    condition     = one(azurerm_kubernetes_cluster.this.default_node_pool).host_encryption_enabled && one(azurerm_kubernetes_cluster.this.default_node_pool).node_public_ip_enabled == false && length(azurerm_kubernetes_cluster.this.key_management_service) == 0
    error_message = "Disks of the nodes are encrypted on the host, and no node has a public address."
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.azure_policy_enabled && azurerm_kubernetes_cluster.this.image_cleaner_enabled && azurerm_kubernetes_cluster.this.sku_tier == "Standard"
    error_message = "The subscription's policies hold inside, and unused images go."
  }

  assert {
    condition     = output.pools.id == azurerm_kubernetes_cluster.this.id && output.pools.kubernetes_version == "1.34" && output.fqdn == "fresh.privatelink.westeurope.azmk8s.io"
    error_message = "GPU pools are told of the cluster what holds."
  }
}

run "reached_from_an_office" {
  command = apply

  module {
    source = "../modules/aks-cluster"
  }

  variables {
    cluster_name        = "an_office"
    public_access_cidrs = ["203.0.113.0/24", "198.51.100.7/32"]
    zones               = ["1", "3"]
    system_pool         = { machine = "Standard_D8ds_v5", min_nodes = 3, max_nodes = 3 }
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.private_cluster_enabled == false && one(azurerm_kubernetes_cluster.this.api_server_access_profile).authorized_ip_ranges == toset(["203.0.113.0/24", "198.51.100.7/32", "192.0.2.10/32"])
    error_message = "The given addresses and the nodes' way out, and they alone, reach the control plane."
  }

  assert {
    condition     = azurerm_kubernetes_cluster.this.dns_prefix == "an-office" && azurerm_log_analytics_workspace.this.name == "an-office-logs" && azurerm_kubernetes_cluster.this.name == "an_office"
    error_message = "Names of DNS and of workspaces have no underscore."
  }

  assert {
    condition     = one(azurerm_kubernetes_cluster.this.default_node_pool).zones == toset(["1", "3"]) && output.fqdn == "fresh.hcp.westeurope.azmk8s.io"
    error_message = "The nodes stand in the given zones."
  }
}

run "with_a_key_of_its_own" {
  command = apply

  module {
    source = "../modules/aks-cluster"
  }

  variables {
    encryption_key = {
      key_vault_key_id = "https://acme.vault.azure.net/keys/etcd/0123456789abcdef0123456789abcdef"
      key_vault_id     = "/subscriptions/00000000-0000-0000-0000-000000000000/resourceGroups/rg-platform/providers/Microsoft.KeyVault/vaults/acme"
    }
  }

  assert {
    condition     = one(azurerm_kubernetes_cluster.this.key_management_service).key_vault_key_id == var.encryption_key.key_vault_key_id && one(azurerm_kubernetes_cluster.this.key_management_service).key_vault_network_access == "Public"
    error_message = "The given key must encrypt Secrets."
  }

  assert {
    condition     = azurerm_role_assignment.control_plane["key"].role_definition_name == "Key Vault Crypto User" && azurerm_role_assignment.control_plane["key"].scope == var.encryption_key.key_vault_id
    error_message = "The control plane must be able to use the key."
  }
}

run "everybody_refused" {
  command = plan

  module {
    source = "../modules/aks-cluster"
  }

  variables {
    public_access_cidrs = ["0.0.0.0/0"]
  }

  expect_failures = [var.public_access_cidrs]
}

run "patch_version_refused" {
  command = plan

  module {
    source = "../modules/aks-cluster"
  }

  variables {
    kubernetes_version = "1.34.1"
  }

  expect_failures = [var.kubernetes_version]
}

run "no_system_node_refused" {
  command = plan

  module {
    source = "../modules/aks-cluster"
  }

  variables {
    system_pool = { machine = "Standard_D4ds_v5", min_nodes = 0, max_nodes = 2 }
  }

  expect_failures = [var.system_pool]
}
