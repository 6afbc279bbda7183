# A cluster that is created here.

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

module "cluster" {
  source = "../modules/eks-cluster"

  name                = var.cluster_name
  kubernetes_version  = var.kubernetes_version
  zones               = var.zones
  network             = var.network
  single_nat_gateway  = var.single_nat_gateway
  public_access_cidrs = var.public_access_cidrs
  admins              = var.admins
  system_pool         = var.system_pool
  tags                = var.tags
}

locals {
  cluster_name       = module.cluster.cluster_name
  subnet_ids         = module.cluster.subnet_ids
  kubernetes_version = var.kubernetes_version
  attach_cni_policy  = false # the add-on of the cluster has a role of its own
}

output "kubeconfig_command" {
  description = "What tells kubectl of the cluster, run by one of the `admins` from where the control plane can be reached."
  value       = module.cluster.kubeconfig_command
}

output "cluster_security_group_id" {
  description = "Security group of control plane and nodes. Whoever shall reach a private control plane needs a rule for port 443 here."
  value       = module.cluster.cluster_security_group_id
}

output "vpc_id" {
  description = "The cluster's network."
  value       = module.cluster.vpc_id
}
