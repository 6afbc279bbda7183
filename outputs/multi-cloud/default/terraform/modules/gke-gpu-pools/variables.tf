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

variable "node_groups" {
  description = <<-EOT
    Node pools by key, which is their address: nodes of a pool, of one type of machine and bought in one way. Each keeps
    `min_nodes` and may grow to `max_nodes`, counted over all zones. `name` is the beginning of its name. `accelerator` is
    GKE's name of the GPU, `local_ssds` are those that come with the machine. Nodes carry `labels` and `taints` (Kubernetes
    spelling of effects) beside the taint nvidia.com/gpu=present:NoSchedule, which GKE sets.
    `disk_type` is the root disk's, GKE's own choice when null, and nodes take `max_pods`, or GKE's number. The nodes of a
    `compact` one stand close together, in one zone. An upgrade takes `max_surge` nodes above the number and
    `max_unavailable` below it: GPU machines are scarce. `zones` are the cluster's own when empty. `reservation` is the name of
    the one that serves a node pool of capacity `reserved`.
  EOT
  type = map(object({
    name          = string
    pool          = string
    capacity      = string
    machine_type  = string
    accelerator   = string
    gpus_per_node = number
    local_ssds    = optional(number, 0)
    min_nodes     = number
    max_nodes     = number
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
    condition     = alltrue([for group in var.node_groups : can(regex("^[a-z][a-z0-9-]{0,32}$", group.name))])
    error_message = "A name has 1 to 33 lower-case letters, digits and dashes, behind which Terraform puts seven of its own."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : group.min_nodes >= 0 && group.min_nodes <= group.max_nodes && group.max_nodes >= 1])
    error_message = "Each node pool needs 0 <= min_nodes <= max_nodes and max_nodes >= 1."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : contains(["on-demand", "spot", "reserved", "flex-start"], group.capacity)])
    error_message = "The capacity of a node pool is on-demand, spot, reserved or flex-start."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : group.max_surge + group.max_unavailable >= 1])
    error_message = "An upgrade takes at least one node, above the number or below it."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : length(group.zones) == 1 || !group.compact || can(regex("-[a-z]$", var.location))])
    error_message = "A compact node pool lies in one zone."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : group.capacity == "reserved" ? !group.compact : group.reservation == null])
    error_message = "A reservation serves reserved nodes, and those stand where it does."
  }

  validation {
    condition = alltrue([
      for taint in flatten([for group in var.node_groups : group.taints]) :
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
