variable "cluster_name" {
  description = "Name of the EKS cluster that the GPU nodes join."
  type        = string

  validation {
    condition     = length(var.cluster_name) > 0
    error_message = "cluster_name must not be empty."
  }
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes on the nodes, which are replaced in place by a new one; when null, the cluster's as they are created."
  type        = string
  default     = null
}

variable "subnet_ids" {
  description = "Subnets of the GPU nodes; the cluster's own when empty. A capacity reservation lives in one zone: give its subnet."
  type        = list(string)
  default     = []
}

variable "node_role_arn" {
  description = "ARN of an IAM role for the nodes; one is created when null."
  type        = string
  default     = null
}

variable "attach_cni_policy" {
  description = "Whether a created role may manage pod network interfaces. Not needed where the VPC CNI has a role of its own."
  type        = bool
  default     = true
}

variable "metadata_hop_limit" {
  description = "How far instance metadata travels: 1 keeps the node's role from pods, 2 lets pods use it."
  type        = number
  default     = 1
}

variable "io2_iops" {
  description = "Operations a second of each io2 disk, which are paid for; a gp3 disk has 3000 of itself."
  type        = number
  default     = 3000
}

variable "autoscaler_identity" {
  description = "Whether the service account kube-system/cluster-autoscaler gets a role of its own, by EKS Pod Identity, whose agent the cluster then needs."
  type        = bool
  default     = false
}

variable "pools" {
  description = <<-EOT
    GPU pools by name. Each entry of `capacity` becomes a node group, first choice first: the minimum of nodes is kept on
    the first one, and each may grow to `max_nodes`. A group takes all of `instance_types`; reserved nodes are of the
    first. The cluster autoscaler reckons with the first one as well: the others should have no less memory and CPUs.
    Nodes carry `labels` and `taints` (Kubernetes spelling of effects).
    `disk_gib` is the root disk, which also holds images and caches without a volume, and `disk_type` is gp3 or io2. Nodes
    take `max_pods`, or as many as EKS says. The nodes of a `compact` pool stand close together in the zone of the first
    subnet. An upgrade takes `max_unavailable` nodes at a time: GPU machines are scarce. `reservation` serves the
    `reserved` nodes; its kind is `on-demand` or `capacity-block`.
  EOT
  type = map(object({
    gpu            = string
    gpus_per_node  = number
    instance_types = list(string)
    min_nodes      = number
    max_nodes      = number
    capacity       = optional(list(string), ["on-demand"])
    labels         = optional(map(string), {})
    taints = optional(list(object({
      key    = string
      value  = optional(string, "")
      effect = optional(string, "NoSchedule")
    })), [{ key = "nvidia.com/gpu", value = "present" }])
    disk_gib        = optional(number, 200)
    disk_type       = optional(string)
    max_pods        = optional(number)
    compact         = optional(bool, false)
    max_unavailable = optional(number, 1)
    reservation = optional(object({
      id   = string
      kind = optional(string, "on-demand")
    }))
  }))

  validation {
    condition = alltrue([
      for pool in var.pools :
      length(pool.instance_types) > 0 && length(pool.instance_types) <= 20
      && length(distinct(pool.instance_types)) == length(pool.instance_types)
    ])
    error_message = "Each pool needs one to twenty instance types, each of them once."
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
      && length(setsubtract(pool.capacity, ["on-demand", "spot", "reserved"])) == 0
    ])
    error_message = "The capacity of a pool lists on-demand, spot or reserved, each at most once."
  }

  validation {
    condition     = alltrue([for pool in var.pools : contains(["gp3", "io2"], coalesce(pool.disk_type, "gp3"))])
    error_message = "The root disk is gp3 or io2."
  }

  validation {
    condition     = alltrue([for pool in var.pools : pool.max_unavailable >= 1 && pool.max_unavailable <= 100])
    error_message = "An upgrade takes 1 to 100 nodes at a time."
  }

  validation {
    condition = alltrue([
      for taint in flatten([for pool in var.pools : pool.taints]) :
      contains(["NoSchedule", "PreferNoSchedule", "NoExecute"], taint.effect)
    ])
    error_message = "The effect of a taint is NoSchedule, PreferNoSchedule or NoExecute."
  }

  validation {
    condition = alltrue([
      for pool in var.pools :
      contains(["on-demand", "capacity-block"], pool.reservation.kind) if pool.reservation != null
    ])
    error_message = "The kind of a reservation is on-demand or capacity-block."
  }
}

variable "tags" {
  description = "Tags of everything created here, instances and volumes included."
  type        = map(string)
  default     = {}
}
