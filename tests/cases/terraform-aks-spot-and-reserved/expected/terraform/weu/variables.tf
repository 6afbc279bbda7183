# Values stand in fleet.auto.tfvars.json.

variable "subscription_id" {
  description = "Azure subscription; that of ARM_SUBSCRIPTION_ID when null."
  type        = string
}

variable "resource_group_name" {
  description = "Resource group of the cluster."
  type        = string
}

variable "location" {
  description = "Azure region of the cluster."
  type        = string
}

variable "cluster_name" {
  description = "Name of the existing AKS cluster that the GPU nodes join."
  type        = string
}

variable "subnet_id" {
  description = "Resource id of the nodes' subnet; null where AKS made the network itself."
  type        = string
}

variable "node_groups" {
  description = "Node pools of the GPU pools by key, as modules/aks-gpu-pools describes them."
  type = map(object({
    name          = string
    pool          = string
    capacity      = string
    vm_size       = string
    gpus_per_node = number
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

variable "tags" {
  description = "Tags of the node pools and their machines."
  type        = map(string)
}
