provider "aws" {
  region = var.region
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

module "karpenter" {
  source = "../modules/eks-karpenter"

  cluster_name      = module.cluster.cluster_name
  node_role_arn     = var.node_role_arn
  node_role_name    = var.node_role_name
  attach_cni_policy = false # the add-on of the cluster has a role of its own
  controller        = var.controller
  queue_name        = var.queue_name
  tags              = var.tags
}
