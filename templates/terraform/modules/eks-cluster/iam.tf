# Each identity holds what AWS asks of it and no more. Nodes may not manage network interfaces: the add-on that does has a
# role of its own.

locals {
  node_policies = toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly"])
  aws_policies  = "arn:${data.aws_partition.current.partition}:iam::aws:policy"
}

resource "aws_iam_role" "control_plane" {
  name_prefix        = "${substr(var.name, 0, 22)}-control-plane-"
  description        = "Control plane of ${var.name}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "eks.amazonaws.com" }, Action = "sts:AssumeRole" }] })
  tags               = var.tags
}

resource "aws_iam_role_policy_attachment" "control_plane" {
  role       = aws_iam_role.control_plane.name
  policy_arn = "${local.aws_policies}/AmazonEKSClusterPolicy"
}

resource "aws_iam_role" "nodes" {
  name_prefix        = "${substr(var.name, 0, 23)}-system-nodes-"
  description        = "System nodes of ${var.name}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "ec2.amazonaws.com" }, Action = "sts:AssumeRole" }] })
  tags               = var.tags
}

resource "aws_iam_role_policy_attachment" "nodes" {
  for_each = local.node_policies

  role       = aws_iam_role.nodes.name
  policy_arn = "${local.aws_policies}/${each.value}"
}

resource "aws_iam_role" "addons" {
  for_each = local.addon_identities

  name_prefix        = "${substr(var.name, 0, 18)}-${each.key}-"
  description        = "Add-on ${each.key} of ${var.name}"
  assume_role_policy = jsonencode({ Version = "2012-10-17", Statement = [{ Effect = "Allow", Principal = { Service = "pods.eks.amazonaws.com" }, Action = ["sts:AssumeRole", "sts:TagSession"] }] })
  tags               = var.tags
}

resource "aws_iam_role_policy_attachment" "addons" {
  for_each = local.addon_identities

  role       = aws_iam_role.addons[each.key].name
  policy_arn = "${local.aws_policies}/${each.value.policy}"
}
