provider "aws" {
  region = var.region
}

module "karpenter" {
  source = "../modules/eks-karpenter"

  cluster_name   = var.cluster_name
  node_role_arn  = var.node_role_arn
  node_role_name = var.node_role_name
  controller     = var.controller
  queue_name     = var.queue_name
  tags           = var.tags
}
