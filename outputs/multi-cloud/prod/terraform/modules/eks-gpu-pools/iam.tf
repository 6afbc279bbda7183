locals {
  create_role   = var.node_role_arn == null
  node_role_arn = local.create_role ? one(aws_iam_role.nodes[*].arn) : var.node_role_arn

  # Join the cluster, pull images, and give pods their addresses.
  node_policies = toset(concat(
    ["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"],
    var.attach_cni_policy ? ["AmazonEKS_CNI_Policy"] : []
  ))
}

data "aws_partition" "current" {}

data "aws_iam_policy_document" "assume" {
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

  name_prefix        = "${substr(var.cluster_name, 0, 27)}-gpu-nodes-"
  description        = "GPU nodes of ${var.cluster_name}"
  assume_role_policy = data.aws_iam_policy_document.assume.json
  tags               = var.tags
}

resource "aws_iam_role_policy_attachment" "nodes" {
  for_each = local.create_role ? local.node_policies : toset([])

  role       = one(aws_iam_role.nodes[*].name)
  policy_arn = "arn:${data.aws_partition.current.partition}:iam::aws:policy/${each.value}"
}
