variable "project" {
  description = "Google Cloud project of the cluster."
  type        = string
}

variable "region" {
  description = "Region of the cluster, such as europe-west4."
  type        = string

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "A region is such as europe-west4; the cluster spans it, and `zones` names the zones of its nodes."
  }
}

variable "cluster_name" {
  description = "Name of the cluster, its network and what else it needs."
  type        = string

  validation {
    condition     = can(regex("^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$", var.cluster_name))
    error_message = "A name has up to 40 lower-case letters, digits and -, a letter first."
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
  description = "Zones of the nodes; GKE chooses three when empty. GPU pools may name others."
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
  description = "Addresses from which the control plane can be reached over the internet; it has no public address when empty."
  type        = list(string)
  default     = []

  validation {
    condition     = !contains(var.public_access_cidrs, "0.0.0.0/0")
    error_message = "0.0.0.0/0 is everybody; name the addresses that need the control plane."
  }
}

variable "dns_endpoint" {
  description = "Whether the control plane can also be reached at its DNS name, by who has the permission container.clusters.connect."
  type        = bool
  default     = false
}

variable "system_pool" {
  description = "Machine type and limits, counted over all zones, of the nodes without GPUs. GKE begins with one in each zone, if there may be as many."
  type = object({
    machine   = optional(string, "e2-standard-4")
    min_nodes = optional(number, 2)
    max_nodes = optional(number, 4)
  })
  default = {}

  validation {
    condition     = var.system_pool.min_nodes >= 1 && var.system_pool.min_nodes <= var.system_pool.max_nodes
    error_message = "The system pool needs 1 <= min_nodes <= max_nodes."
  }
}

variable "encryption_key" {
  description = "Id of a KMS key in the cluster's region that GKE's service agent may use already; one is created when null."
  type        = string
  default     = null
}

variable "maintenance_window" {
  description = "When patches may be installed: first window (RFC 3339) and its recurrence (RFC 5545). Google wants 48 hours in 32 days."
  type = object({
    start      = string
    end        = string
    recurrence = string
  })
  default = {
    start      = "2026-01-03T00:00:00Z"
    end        = "2026-01-03T08:00:00Z"
    recurrence = "FREQ=WEEKLY;BYDAY=SA,SU"
  }
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to delete the cluster and its key."
  type        = bool
  default     = true
}

variable "resource_labels" {
  description = "Labels of cluster, nodes and key, for bills and searches."
  type        = map(string)
  default     = {}
}
