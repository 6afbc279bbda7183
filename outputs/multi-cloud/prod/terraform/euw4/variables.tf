# Values stand in fleet.auto.tfvars.json.

variable "project" {
  description = "Google Cloud project of the cluster."
  type        = string
}

variable "location" {
  description = "Location of the cluster: its region, or its zone where it is a zonal one."
  type        = string
}

variable "cluster_name" {
  description = "Name of the existing GKE cluster that the GPU nodes join."
  type        = string
}

variable "service_account" {
  description = "E-mail of a service account for the nodes; one is created when null."
  type        = string
}

variable "node_groups" {
  description = "Node pools of the GPU pools by key, as modules/gke-gpu-pools describes them."
  type = map(object({
    name          = string
    pool          = string
    capacity      = string
    machine_type  = string
    accelerator   = string
    gpus_per_node = number
    local_ssds    = number
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

variable "resource_labels" {
  description = "Labels of the machines and disks, for bills and searches."
  type        = map(string)
}
