variable "project" {
  description = "Google Cloud project of the cluster."
  type        = string
}

variable "location" {
  description = "Location of the cluster: its region, or its zone where it is a zonal one."
  type        = string
}

variable "cluster_name" {
  description = "Name of the GKE cluster (Standard, not Autopilot) that the GPU nodes join."
  type        = string

  validation {
    condition     = length(var.cluster_name) > 0
    error_message = "cluster_name must not be empty."
  }
}

variable "cluster" {
  description = "What the plan would read of the cluster: how many zones its nodes have, and whether it has Workload Identity. Null for one that stands already; `pools` of modules/gke-cluster for one that is created beside its pools."
  type = object({
    zone_count        = number
    workload_identity = bool
  })
  default = null
}

variable "service_account" {
  description = "E-mail of a service account for the nodes; one with the least they need is created when null."
  type        = string
  default     = null
}

variable "gpu_driver_version" {
  description = "Driver that GKE installs: LATEST or DEFAULT for the node's version, INSTALLATION_DISABLED where the GPU operator does it."
  type        = string
  default     = "LATEST"

  validation {
    condition     = contains(["LATEST", "DEFAULT", "INSTALLATION_DISABLED"], var.gpu_driver_version)
    error_message = "gpu_driver_version is LATEST, DEFAULT or INSTALLATION_DISABLED."
  }
}

variable "flex_start_max_run" {
  description = "How long a flex-start node runs at most, in seconds; Google allows seven days."
  type        = number
  default     = 604800
}

variable "pools" {
  description = <<-EOT
    GPU pools by name. Each entry of `capacity` becomes a node pool for each of `machines`, first choice first: the minimum
    of nodes is kept on the first one, and each may grow to `max_nodes`, counted over all zones; reserved nodes are of the
    first type. `accelerator` is GKE's name of the GPU. Nodes carry
    `labels` and `taints` (Kubernetes spelling of effects) beside the taint nvidia.com/gpu=present:NoSchedule, which GKE sets.
    `local_ssds` are those that come with a type of machine. `disk_type` is the root disk's, GKE's own choice when null, and
    nodes take `max_pods`, or GKE's number. The nodes of a `compact` pool stand close together, in one zone. An upgrade takes
    `max_surge` nodes above the number and `max_unavailable` below it: GPU machines are scarce.
    `zones` are the cluster's own when empty. `reservation` is the name of the reservation that serves the `reserved` nodes.
  EOT
  type = map(object({
    machines = list(object({
      type        = string
      accelerator = string
      local_ssds  = optional(number, 0)
    }))
    gpus_per_node = number
    min_nodes     = number
    max_nodes     = number
    capacity      = optional(list(string), ["on-demand"])
    labels        = optional(map(string), {})
    taints = optional(list(object({
      key    = string
      value  = optional(string, "")
      effect = optional(string, "NoSchedule")
    })), [])
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
    condition = alltrue([
      for pool in var.pools :
      length(pool.machines) > 0 && length(distinct(pool.machines[*].type)) == length(pool.machines)
    ])
    error_message = "Each pool needs at least one type of machine, and each type once."
  }

  validation {
    condition     = alltrue([for pool in var.pools : pool.min_nodes >= 0 && pool.min_nodes <= pool.max_nodes && pool.max_nodes >= 1])
    error_message = "Each pool needs 0 <= min_nodes <= max_nodes and max_nodes >= 1."
  }

  validation {
    condition = alltrue([
      for pool in var.pools :
      length(pool.capacity) > 0
      && length(distinct(pool.capacity)) == length(pool.capacity)
      && length(setsubtract(pool.capacity, ["on-demand", "spot", "reserved", "flex-start"])) == 0
    ])
    error_message = "The capacity of a pool lists on-demand, spot, reserved or flex-start, each at most once."
  }

  validation {
    condition     = alltrue([for pool in var.pools : pool.max_surge + pool.max_unavailable >= 1])
    error_message = "An upgrade takes at least one node, above the number or below it."
  }

  validation {
    condition     = alltrue([for pool in var.pools : length(pool.zones) == 1 || !pool.compact || can(regex("-[a-z]$", var.location))])
    error_message = "A compact pool lies in one zone."
  }

  validation {
    condition = alltrue([
      for taint in flatten([for pool in var.pools : pool.taints]) :
      contains(["NoSchedule", "PreferNoSchedule", "NoExecute"], taint.effect) && taint.key != "nvidia.com/gpu"
    ])
    error_message = "The effect of a taint is NoSchedule, PreferNoSchedule or NoExecute; nvidia.com/gpu is set by GKE."
  }
}

variable "resource_labels" {
  description = "Labels of the machines and disks, for bills and searches."
  type        = map(string)
  default     = {}
}
