# What Karpenter needs in an account, for an existing EKS cluster: an identity of its nodes, and for its controller a role by
# EKS Pod Identity and a queue of interruptions. The controller and its objects are not part of this module.

data "aws_eks_cluster" "this" {
  name = var.cluster_name
}

data "aws_partition" "current" {}

data "aws_caller_identity" "current" {}

data "aws_region" "current" {}

locals {
  cluster     = data.aws_eks_cluster.this.name
  partition   = data.aws_partition.current.partition
  account     = data.aws_caller_identity.current.account_id
  region      = data.aws_region.current.name
  create_role = var.node_role_arn == null

  node_role_arn = local.create_role ? one(aws_iam_role.nodes[*].arn) : var.node_role_arn

  # Join the cluster, pull images, and give pods their addresses.
  node_policies = toset(concat(
    ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"],
    var.attach_cni_policy ? ["AmazonEKS_CNI_Policy"] : []
  ))
}

data "aws_iam_policy_document" "nodes" {
  statement {
    actions = ["sts:AssumeRole"]

    principals {
      type        = "Service"
      identifiers = ["ec2.amazonaws.com"]
    }
  }
}

resource "aws_iam_role" "nodes" {
  count = local.create_role ? 1 : 0

  # No prefix: EC2NodeClass objects call the role by its name.
  name               = var.node_role_name
  description        = "GPU nodes that Karpenter starts for ${local.cluster}"
  assume_role_policy = data.aws_iam_policy_document.nodes.json
  tags               = var.tags
}

resource "aws_iam_role_policy_attachment" "nodes" {
  for_each = local.create_role ? local.node_policies : toset([])

  role       = one(aws_iam_role.nodes[*].name)
  policy_arn = "arn:${local.partition}:iam::aws:policy/${each.value}"
}

# Managed node groups get this by themselves; nodes of Karpenter do not.
resource "aws_eks_access_entry" "nodes" {
  cluster_name  = local.cluster
  principal_arn = local.node_role_arn
  type          = "EC2_LINUX"
  tags          = var.tags
}
