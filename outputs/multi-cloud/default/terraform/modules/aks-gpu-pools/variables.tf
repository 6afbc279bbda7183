variable "resource_group_name" {
  description = "Resource group of the cluster."
  type        = string
}

variable "location" {
  description = "Azure region of the cluster; another one stops the plan, since machines were chosen for this one."
  type        = string
}

variable "cluster_name" {
  description = "Name of the AKS cluster that the GPU nodes join."
  type        = string

  validation {
    condition     = length(var.cluster_name) > 0
    error_message = "cluster_name must not be empty."
  }
}

variable "cluster" {
  description = "The cluster's resource id, and the version its nodes shall have. Null for one that stands already, which the plan finds by its name; `pools` of modules/aks-cluster for one that is created beside its pools."
  type = object({
    id                 = string
    kubernetes_version = string
  })
  default = null
}

variable "subnet_id" {
  description = "Resource id of the nodes' subnet; null where AKS made the network itself."
  type        = string
  default     = null
}

variable "gpu_driver" {
  description = "Install, or None where the GPU operator installs the driver."
  type        = string
  default     = "Install"

  validation {
    condition     = contains(["Install", "None"], var.gpu_driver)
    error_message = "gpu_driver is Install or None."
  }
}

variable "host_encryption" {
  description = "Whether temporary disks and caches are encrypted as well. The subscription needs the feature Microsoft.Compute/EncryptionAtHost, registered once."
  type        = bool
  default     = false
}

variable "node_groups" {
  description = <<-EOT
    Node pools by key, which is their address: nodes of a pool, of one size and bought in one way. Each keeps `min_nodes` and may
    grow to `max_nodes`. `name` has room for eleven letters and digits. Nodes carry `labels` and `taints` (Kubernetes spelling
    of effects); spot nodes also those of AKS for them. `disk_type` is Managed or Ephemeral, which must fit on the machine's own
    disk. Nodes take `max_pods`, or AKS's number. The nodes of a `compact` one stand close together, in one zone. An upgrade
    takes `max_surge` nodes above the number, or `max_unavailable` below it: GPU machines are scarce. `reservation` is the
    resource id of the capacity reservation group that serves a node pool of capacity `reserved`.
  EOT
  type = map(object({
    name          = string
    pool          = string
    capacity      = string
    vm_size       = string
    gpus_per_node = number
    min_nodes     = number
    max_nodes     = number
    labels        = optional(map(string), {})
    taints = optional(list(object({
      key    = string
      value  = optional(string, "")
      effect = optional(string, "NoSchedule")
    })), [{ key = "nvidia.com/gpu", value = "present" }])
    disk_gib        = optional(number, 200)
    disk_type       = optional(string)
    max_pods        = optional(number)
    compact         = optional(bool, false)
    max_surge       = optional(number, 0)
    max_unavailable = optional(number, 1)
    zones           = optional(list(string), [])
    reservation     = optional(string)
  }))

  validation {
    condition     = alltrue([for group in var.node_groups : can(regex("^[a-z][a-z0-9]{0,10}$", group.name))])
    error_message = "A name is a letter and up to ten more letters or digits, all lower case; AKS takes twelve, of which one is for a node pool that stands in for it."
  }

  validation {
    condition     = length(distinct([for group in var.node_groups : group.name])) == length(var.node_groups)
    error_message = "Two node pools cannot have the same name."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : group.min_nodes >= 0 && group.min_nodes <= group.max_nodes && group.max_nodes >= 1 && group.max_nodes <= 1000])
    error_message = "Each node pool needs 0 <= min_nodes <= max_nodes and 1 <= max_nodes <= 1000."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : contains(["on-demand", "spot", "reserved"], group.capacity)])
    error_message = "The capacity of a node pool is on-demand, spot or reserved."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : (group.capacity == "reserved") == (group.reservation != null)])
    error_message = "Reserved nodes, and no others, need a capacity reservation group: AKS takes no node from one it is not told."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : contains(["Managed", "Ephemeral"], coalesce(group.disk_type, "Managed"))])
    error_message = "The root disk is Managed or Ephemeral."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : (group.max_surge >= 1) != (group.max_unavailable >= 1)])
    error_message = "An upgrade takes nodes above the number or below it, not both."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : length(group.zones) == 1 && group.capacity != "reserved" if group.compact])
    error_message = "A compact node pool lies in one zone, and reserved nodes stand where their reservation does."
  }

  validation {
    condition = alltrue([
      for taint in flatten([for group in var.node_groups : group.taints]) :
      contains(["NoSchedule", "PreferNoSchedule", "NoExecute"], taint.effect)
    ])
    error_message = "The effect of a taint is NoSchedule, PreferNoSchedule or NoExecute."
  }
}

variable "tags" {
  description = "Tags of the node pools and their machines."
  type        = map(string)
  default     = {}
}
