provider "aws" {
  region = var.region
}

module "gpu_pools" {
  source = "../modules/eks-gpu-pools"

  cluster_name        = var.cluster_name
  subnet_ids          = var.subnet_ids
  node_role_arn       = var.node_role_arn
  autoscaler_identity = var.autoscaler_identity
  node_groups         = var.node_groups
  tags                = var.tags
}
