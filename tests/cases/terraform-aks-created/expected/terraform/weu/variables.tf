# Values stand in fleet.auto.tfvars.json, those with a default in a tfvars file of your own.

variable "subscription_id" {
  description = "Azure subscription; that of ARM_SUBSCRIPTION_ID when null."
  type        = string
}

variable "resource_group_name" {
  description = "Resource group of the cluster, which is there already."
  type        = string
}

variable "location" {
  description = "Azure region of the cluster."
  type        = string
}

variable "cluster_name" {
  description = "Name of the cluster to create."
  type        = string
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes."
  type        = string
}

variable "zones" {
  description = "Zones of the system nodes; in no zone in particular when empty."
  type        = list(string)
}

variable "network" {
  description = "Address ranges (CIDR) of nodes, pods and Services."
  type = object({
    nodes    = string
    pods     = string
    services = string
  })
}

variable "public_access_cidrs" {
  description = "Addresses from which the control plane can be reached over the internet; it has no public address when empty."
  type        = list(string)
}

variable "admin_group_object_ids" {
  description = "Entra groups whose members administer the cluster. Others have roles assigned, such as Azure Kubernetes Service RBAC Reader."
  type        = list(string)
  default     = []
}

variable "system_pool" {
  description = "Machine type and limits of the nodes without GPUs."
  type = object({
    machine   = string
    min_nodes = number
    max_nodes = number
  })
}

variable "host_encryption" {
  description = "Whether temporary disks and caches of all nodes are encrypted as well. The subscription needs the feature Microsoft.Compute/EncryptionAtHost, registered once."
  type        = bool
  default     = true
}

variable "encryption_key" {
  description = "Key Vault key that encrypts Secrets before they reach etcd, and its vault, as modules/aks-cluster describes it."
  type = object({
    key_vault_key_id = string
    key_vault_id     = string
    network_access   = optional(string, "Public")
  })
  default = null
}

variable "node_groups" {
  description = "Node pools of the GPU pools by key, as modules/aks-gpu-pools describes them."
  type = map(object({
    name          = string
    pool          = string
    capacity      = string
    vm_size       = string
    gpus_per_node = number
    min_nodes     = number
    max_nodes     = number
    labels        = map(string)
    taints = list(object({
      key    = string
      value  = string
      effect = string
    }))
    disk_gib        = number
    disk_type       = optional(string)
    max_pods        = optional(number)
    compact         = bool
    max_surge       = number
    max_unavailable = number
    zones           = list(string)
    reservation     = optional(string)
  }))
}

variable "tags" {
  description = "Tags of the cluster, its machines and what else it needs."
  type        = map(string)
}
