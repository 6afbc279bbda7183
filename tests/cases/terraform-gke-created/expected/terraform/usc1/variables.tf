# Values stand in fleet.auto.tfvars.json, those with a default in a tfvars file of your own.

variable "project" {
  description = "Google Cloud project of the cluster."
  type        = string
}

variable "location" {
  description = "Region of the cluster."
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
  description = "Zones of the nodes; GKE chooses three when empty."
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

variable "dns_endpoint" {
  description = "Whether the control plane can also be reached at its DNS name, by who has the permission container.clusters.connect."
  type        = bool
  default     = false
}

variable "system_pool" {
  description = "Machine type and limits of the nodes without GPUs."
  type = object({
    machine   = string
    min_nodes = number
    max_nodes = number
  })
}

variable "encryption_key" {
  description = "Id of a KMS key in the cluster's region that GKE's service agent may use already; one is created when null."
  type        = string
  default     = null
}

variable "deletion_protection" {
  description = "Whether Terraform refuses to delete the cluster and its key."
  type        = bool
  default     = true
}

variable "service_account" {
  description = "E-mail of a service account for the GPU nodes; one is created when null."
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
  description = "Labels of the cluster, its machines and disks, for bills and searches."
  type        = map(string)
}
