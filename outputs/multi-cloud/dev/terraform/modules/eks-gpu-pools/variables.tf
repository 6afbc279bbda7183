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

variable "node_groups" {
  description = <<-EOT
    Node groups by key, which is their address: nodes of a pool that are bought in one way. Each keeps `min_nodes` and may grow
    to `max_nodes`. On demand AWS tries `instance_types` in their order, for spot nodes it takes the one with the most left; the
    cluster autoscaler reckons with the first one: the others should have no less memory and CPUs. `name` is the beginning of
    the group's name. Nodes carry `labels` and `taints` (Kubernetes spelling of effects).
    `disk_gib` is the root disk, which also holds images and caches without a volume, and `disk_type` is gp3 or io2. Nodes
    take `max_pods`, or as many as EKS says. The nodes of a `compact` group stand close together in the zone of the first
    subnet. An upgrade takes `max_unavailable` nodes at a time: GPU machines are scarce. `reservation` serves a group of
    capacity `reserved`; its kind is `on-demand` or `capacity-block`.
  EOT
  type = map(object({
    name           = string
    pool           = string
    capacity       = string
    gpu            = string
    gpus_per_node  = number
    instance_types = list(string)
    min_nodes      = number
    max_nodes      = number
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
    condition     = alltrue([for group in var.node_groups : length(group.name) >= 1 && length(group.name) <= 36])
    error_message = "A name has 1 to 36 characters, behind which Terraform puts 27 of its own."
  }

  validation {
    condition = alltrue([
      for group in var.node_groups :
      length(group.instance_types) > 0 && length(group.instance_types) <= 20
      && length(distinct(group.instance_types)) == length(group.instance_types)
    ])
    error_message = "Each node group needs one to twenty instance types, each of them once."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : group.min_nodes >= 0 && group.min_nodes <= group.max_nodes && group.max_nodes >= 1])
    error_message = "Each node group needs 0 <= min_nodes <= max_nodes and max_nodes >= 1."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : contains(["on-demand", "spot", "reserved"], group.capacity)])
    error_message = "The capacity of a node group is on-demand, spot or reserved."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : contains(["gp3", "io2"], coalesce(group.disk_type, "gp3"))])
    error_message = "The root disk is gp3 or io2."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : group.max_unavailable >= 1 && group.max_unavailable <= 100])
    error_message = "An upgrade takes 1 to 100 nodes at a time."
  }

  validation {
    condition = alltrue([
      for taint in flatten([for group in var.node_groups : group.taints]) :
      contains(["NoSchedule", "PreferNoSchedule", "NoExecute"], taint.effect)
    ])
    error_message = "The effect of a taint is NoSchedule, PreferNoSchedule or NoExecute."
  }

  validation {
    condition = alltrue([
      for group in var.node_groups :
      group.capacity == "reserved" && contains(["on-demand", "capacity-block"], group.reservation.kind) if group.reservation != null
    ])
    error_message = "A reservation serves reserved nodes; its kind is on-demand or capacity-block."
  }

  validation {
    condition     = alltrue([for group in var.node_groups : group.capacity != "reserved" || !group.compact])
    error_message = "Reserved nodes stand where their reservation does, which is not for a compact group to say."
  }
}

variable "tags" {
  description = "Tags of everything created here, instances and volumes included."
  type        = map(string)
  default     = {}
}
