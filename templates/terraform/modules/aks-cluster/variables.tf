variable "resource_group_name" {
  description = "Resource group of the cluster, which is there already."
  type        = string
}

variable "location" {
  description = "Azure region of the cluster, such as westeurope."
  type        = string
}

variable "cluster_name" {
  description = "Name of the cluster, its network, identities and logs."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,61}[A-Za-z0-9]$", var.cluster_name))
    error_message = "A name has 2 to 63 letters, digits, - and _, with a letter or digit at either end."
  }
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes, such as 1.34. Patches come by themselves; a new minor version comes from here."
  type        = string

  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.kubernetes_version))
    error_message = "A version is such as 1.34."
  }
}

variable "zones" {
  description = "Zones of the system nodes; spread by Azure, in no zone in particular, when empty."
  type        = list(string)
  default     = []
}

variable "network" {
  description = "Address ranges (CIDR) of nodes, pods and Services, none overlapping another."
  type = object({
    nodes    = optional(string, "10.0.0.0/16")
    pods     = optional(string, "10.64.0.0/14")
    services = optional(string, "172.20.0.0/16")
  })
  default = {}
}

variable "public_access_cidrs" {
  description = "Addresses from which the control plane can be reached over the internet; it has no public address when empty. Changing between the two makes a new cluster."
  type        = list(string)
  default     = []

  validation {
    condition     = !contains(var.public_access_cidrs, "0.0.0.0/0")
    error_message = "0.0.0.0/0 is everybody; name the addresses that need the control plane."
  }
}

variable "admin_group_object_ids" {
  description = "Entra groups whose members administer the cluster. Others have roles assigned, such as Azure Kubernetes Service RBAC Reader."
  type        = list(string)
  default     = []
}

variable "system_pool" {
  description = "Machine type and limits of the nodes without GPUs."
  type = object({
    machine   = optional(string, "Standard_D4ds_v5")
    min_nodes = optional(number, 2)
    max_nodes = optional(number, 4)
  })
  default = {}

  validation {
    condition     = var.system_pool.min_nodes >= 1 && var.system_pool.min_nodes <= var.system_pool.max_nodes
    error_message = "The system pool needs 1 <= min_nodes <= max_nodes."
  }
}

variable "host_encryption" {
  description = "Whether temporary disks and caches of the system nodes are encrypted as well. The subscription needs the feature Microsoft.Compute/EncryptionAtHost, registered once."
  type        = bool
  default     = true
}

variable "encryption_key" {
  description = "Key Vault key that encrypts Secrets before they reach etcd, and its vault, which grants by roles. `network_access` is Public or Private."
  type = object({
    key_vault_key_id = string
    key_vault_id     = string
    network_access   = optional(string, "Public")
  })
  default = null
}

variable "disk_encryption_set_id" {
  description = "Disk encryption set for the nodes' disks; Azure's own keys encrypt them when null."
  type        = string
  default     = null
}

variable "maintenance_window" {
  description = "When patches may be installed: day of the week, time (UTC, HH:MM) and hours, 4 to 24."
  type = object({
    day   = string
    start = string
    hours = number
  })
  default = {
    day   = "Saturday"
    start = "00:00"
    hours = 8
  }
}

variable "log_retention_days" {
  description = "How long the logs of the control plane are kept."
  type        = number
  default     = 90
}

variable "tags" {
  description = "Tags of cluster, nodes, network, identities and logs."
  type        = map(string)
  default     = {}
}
