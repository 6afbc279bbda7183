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

variable "pools" {
  description = <<-EOT
    GPU pools by name. Each entry of `capacity` becomes a node pool for each of `vm_sizes`, first choice first: the minimum
    of nodes is kept on the first one, and each may grow to `max_nodes`; reserved nodes are of the first size. `short_name` is
    the beginning of their names, which have twelve letters and digits in AKS. Nodes carry `labels` and `taints` (Kubernetes spelling of effects); spot nodes also those of AKS for them.
    `disk_type` is Managed or Ephemeral, which must fit on the machine's own disk. Nodes take `max_pods`, or AKS's number. The
    nodes of a `compact` pool stand close together, in one zone. An upgrade takes `max_surge` nodes above the number, or
    `max_unavailable` below it: GPU machines are scarce. `reservation` is the resource id of the capacity reservation group that serves the `reserved` nodes.
  EOT
  type = map(object({
    short_name    = string
    vm_sizes      = list(string)
    gpus_per_node = number
    min_nodes     = number
    max_nodes     = number
    capacity      = optional(list(string), ["on-demand"])
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
    condition     = alltrue([for pool in var.pools : can(regex("^[a-z][a-z0-9]{0,7}$", pool.short_name))])
    error_message = "A short name is a letter and up to seven more letters or digits, all lower case."
  }

  validation {
    condition     = length(distinct([for pool in var.pools : pool.short_name])) == length(var.pools)
    error_message = "Two pools cannot have the same short name."
  }

  validation {
    condition = alltrue([
      for pool in var.pools :
      length(pool.vm_sizes) > 0 && length(pool.vm_sizes) <= 10 && length(distinct(pool.vm_sizes)) == length(pool.vm_sizes)
    ])
    error_message = "Each pool needs one to ten sizes, each of them once."
  }

  validation {
    condition     = alltrue([for pool in var.pools : pool.min_nodes >= 0 && pool.min_nodes <= pool.max_nodes && pool.max_nodes >= 1 && pool.max_nodes <= 1000])
    error_message = "Each pool needs 0 <= min_nodes <= max_nodes and 1 <= max_nodes <= 1000."
  }

  validation {
    condition = alltrue([
      for pool in var.pools :
      length(pool.capacity) > 0
      && length(distinct(pool.capacity)) == length(pool.capacity)
      && length(setsubtract(pool.capacity, ["on-demand", "spot", "reserved"])) == 0
    ])
    error_message = "The capacity of a pool lists on-demand, spot or reserved, each at most once."
  }

  validation {
    condition     = alltrue([for pool in var.pools : pool.reservation != null || !contains(pool.capacity, "reserved")])
    error_message = "Reserved nodes need a capacity reservation group: AKS takes no node from one it is not told."
  }

  validation {
    condition     = alltrue([for pool in var.pools : contains(["Managed", "Ephemeral"], coalesce(pool.disk_type, "Managed"))])
    error_message = "The root disk is Managed or Ephemeral."
  }

  validation {
    condition     = alltrue([for pool in var.pools : (pool.max_surge >= 1) != (pool.max_unavailable >= 1)])
    error_message = "An upgrade takes nodes above the number or below it, not both."
  }

  validation {
    condition     = alltrue([for pool in var.pools : length(pool.zones) == 1 if pool.compact])
    error_message = "A compact pool lies in one zone."
  }

  validation {
    condition = alltrue([
      for taint in flatten([for pool in var.pools : pool.taints]) :
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
