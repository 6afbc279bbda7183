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

module "gpu_pools" {
  source = "../modules/eks-gpu-pools"

  cluster_name        = module.cluster.cluster_name
  kubernetes_version  = var.kubernetes_version
  subnet_ids          = module.cluster.subnet_ids
  node_role_arn       = var.node_role_arn
  attach_cni_policy   = false # the add-on of the cluster has a role of its own
  autoscaler_identity = var.autoscaler_identity
  node_groups         = var.node_groups
  tags                = var.tags
}
