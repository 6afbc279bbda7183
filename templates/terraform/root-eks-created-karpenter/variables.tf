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
  description = "ARN of an IAM role for the nodes; one is created when null."
  type        = string
}

variable "node_role_name" {
  description = "Name of the role that is created, by which EC2NodeClass objects call it."
  type        = string
}

variable "controller" {
  description = "Whether the controller needs an identity and a queue; not where it is installed already."
  type        = bool
}

variable "queue_name" {
  description = "Name of the queue of interruptions, as the controller is told it."
  type        = string
}

variable "tags" {
  description = "Tags of everything created here, instances and volumes included."
  type        = map(string)
}
