# Values stand in fleet.auto.tfvars.json, those with a default in a tfvars file of your own.

variable "region" {
  description = "AWS region of the cluster."
  type        = string
}

variable "cluster_name" {
  description = "Name of the EKS cluster to create."
  type        = string
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes: control plane, add-ons and nodes. AWS upgrades by one minor at a time."
  type        = string
}

variable "zones" {
  description = "Availability zones of nodes and control plane."
  type        = list(string)
}

variable "network" {
  description = "Addresses of nodes and pods (the VPC), and of Services."
  type = object({
    nodes    = string
    services = string
  })
}

variable "single_nat_gateway" {
  description = "One NAT gateway for all zones rather than one each: cheaper, and without its zone no node reaches the internet."
  type        = bool
  default     = false
}

variable "public_access_cidrs" {
  description = "Addresses from which the control plane can be reached over the internet. Without any it is private."
  type        = list(string)
}

variable "admins" {
  description = "Administrators of the cluster, by a name of your choice: ARN of an IAM role or user. Whoever applies is none by that."
  type        = map(string)
  default     = {}
}

variable "system_pool" {
  description = "The nodes without GPUs that run the cluster's own pods."
  type = object({
    machine   = string
    min_nodes = number
    max_nodes = number
  })
}

variable "node_role_arn" {
  description = "ARN of an IAM role for the GPU nodes; one is created when null."
  type        = string
}

variable "autoscaler_identity" {
  description = "Whether the service account kube-system/cluster-autoscaler gets a role of its own, by EKS Pod Identity, whose agent the cluster then needs."
  type        = bool
}

variable "node_groups" {
  description = "Node groups of the GPU pools by key, as modules/eks-gpu-pools describes them."
  type = map(object({
    name           = string
    pool           = string
    capacity       = string
    gpu            = string
    gpus_per_node  = number
    instance_types = list(string)
    min_nodes      = number
    max_nodes      = number
    labels         = map(string)
    taints = list(object({
      key    = string
      value  = string
      effect = string
    }))
    disk_gib        = number
    disk_type       = optional(string)
    max_pods        = optional(number)
    compact         = bool
    max_unavailable = number
    reservation = optional(object({
      id   = string
      kind = string
    }))
  }))
}

variable "tags" {
  description = "Tags of everything created here, instances and volumes included."
  type        = map(string)
}
