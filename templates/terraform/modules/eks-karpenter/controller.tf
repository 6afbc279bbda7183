# The controller may start, tag and end what belongs to this cluster, and read what it chooses from. The statements follow
# those of Karpenter's own reference, without the role of nodes that it does not pass.

locals {
  arn   = "arn:${local.partition}:ec2:${local.region}"
  owned = "kubernetes.io/cluster/${local.cluster}"

  profiles = "arn:${local.partition}:iam::${local.account}:instance-profile/*"

  made = [
    for kind in ["fleet", "instance", "volume", "network-interface", "launch-template", "spot-instances-request"] :
    "${local.arn}:*:${kind}/*"
  ]

  # On what is there, and on what is being made.
  of_cluster = { "aws:ResourceTag/${local.owned}" = "owned" }
  for_cluster = {
    "aws:RequestTag/${local.owned}"       = "owned"
    "aws:RequestTag/eks:eks-cluster-name" = local.cluster
  }
  of_region  = { "aws:ResourceTag/topology.kubernetes.io/region" = local.region }
  for_region = { "aws:RequestTag/topology.kubernetes.io/region" = local.region }

  statements = {
    LaunchFrom = {
      actions = ["ec2:RunInstances", "ec2:CreateFleet"]
      resources = concat(
        [for kind in ["image", "snapshot"] : "${local.arn}::${kind}/*"],
        [for kind in ["security-group", "subnet", "capacity-reservation"] : "${local.arn}:*:${kind}/*"]
      )
    }
    LaunchByTemplate = {
      actions   = ["ec2:RunInstances", "ec2:CreateFleet"]
      resources = ["${local.arn}:*:launch-template/*"]
      equals    = local.of_cluster
      like      = ["aws:ResourceTag/karpenter.sh/nodepool"]
    }
    Launch = {
      actions   = ["ec2:RunInstances", "ec2:CreateFleet", "ec2:CreateLaunchTemplate"]
      resources = local.made
      equals    = local.for_cluster
      like      = ["aws:RequestTag/karpenter.sh/nodepool"]
    }
    TagNew = {
      actions   = ["ec2:CreateTags"]
      resources = local.made
      equals    = local.for_cluster
      one_of    = { "ec2:CreateAction" = ["RunInstances", "CreateFleet", "CreateLaunchTemplate"] }
      like      = ["aws:RequestTag/karpenter.sh/nodepool"]
    }
    TagOwn = {
      actions   = ["ec2:CreateTags"]
      resources = ["${local.arn}:*:instance/*"]
      equals    = local.of_cluster
      if_there  = { "aws:RequestTag/eks:eks-cluster-name" = local.cluster }
      all_of    = { "aws:TagKeys" = ["eks:eks-cluster-name", "karpenter.sh/nodeclaim", "Name"] }
      like      = ["aws:ResourceTag/karpenter.sh/nodepool"]
    }
    End = {
      actions   = ["ec2:TerminateInstances", "ec2:DeleteLaunchTemplate"]
      resources = ["${local.arn}:*:instance/*", "${local.arn}:*:launch-template/*"]
      equals    = local.of_cluster
      like      = ["aws:ResourceTag/karpenter.sh/nodepool"]
    }
    PassNodeRole = {
      actions   = ["iam:PassRole"]
      resources = [local.node_role_arn]
      one_of    = { "iam:PassedToService" = ["ec2.amazonaws.com", "ec2.amazonaws.com.cn"] }
    }
    CreateProfile = {
      actions   = ["iam:CreateInstanceProfile"]
      resources = [local.profiles]
      equals    = merge(local.for_cluster, local.for_region)
      like      = ["aws:RequestTag/karpenter.k8s.aws/ec2nodeclass"]
    }
    TagProfile = {
      actions   = ["iam:TagInstanceProfile"]
      resources = [local.profiles]
      equals    = merge(local.of_cluster, local.of_region, local.for_cluster, local.for_region)
      like      = ["aws:ResourceTag/karpenter.k8s.aws/ec2nodeclass", "aws:RequestTag/karpenter.k8s.aws/ec2nodeclass"]
    }
    ChangeProfile = {
      actions   = ["iam:AddRoleToInstanceProfile", "iam:RemoveRoleFromInstanceProfile", "iam:DeleteInstanceProfile"]
      resources = [local.profiles]
      equals    = merge(local.of_cluster, local.of_region)
      like      = ["aws:ResourceTag/karpenter.k8s.aws/ec2nodeclass"]
    }
    ReadProfile = {
      actions   = ["iam:GetInstanceProfile"]
      resources = [local.profiles]
    }
    ReadCluster = {
      actions   = ["eks:DescribeCluster"]
      resources = ["arn:${local.partition}:eks:${local.region}:${local.account}:cluster/${local.cluster}"]
    }
    ReadImages = {
      actions   = ["ssm:GetParameter"]
      resources = ["arn:${local.partition}:ssm:${local.region}::parameter/aws/service/*"]
    }
    ReadQueue = {
      actions   = ["sqs:DeleteMessage", "sqs:GetQueueUrl", "sqs:ReceiveMessage"]
      resources = aws_sqs_queue.interruptions[*].arn
    }
    # These know no resources.
    ReadRegion = {
      actions = [
        "ec2:DescribeCapacityReservations", "ec2:DescribeImages", "ec2:DescribeInstances", "ec2:DescribeInstanceStatus",
        "ec2:DescribeInstanceTypeOfferings", "ec2:DescribeInstanceTypes", "ec2:DescribeLaunchTemplates",
        "ec2:DescribePlacementGroups", "ec2:DescribeSecurityGroups", "ec2:DescribeSpotPriceHistory", "ec2:DescribeSubnets"
      ]
      resources = ["*"]
      equals    = { "aws:RequestedRegion" = local.region }
    }
    ReadPrices = {
      actions   = ["pricing:GetProducts", "iam:ListInstanceProfiles"]
      resources = ["*"]
    }
  }
}

data "aws_iam_policy_document" "controller" {
  count = var.controller ? 1 : 0

  dynamic "statement" {
    for_each = local.statements

    content {
      sid       = statement.key
      actions   = statement.value.actions
      resources = statement.value.resources

      dynamic "condition" {
        for_each = concat(
          [for key, value in try(statement.value.equals, {}) : { test = "StringEquals", key = key, values = [value] }],
          [for key, values in try(statement.value.one_of, {}) : { test = "StringEquals", key = key, values = values }],
          [for key in try(statement.value.like, []) : { test = "StringLike", key = key, values = ["*"] }],
          [for key, value in try(statement.value.if_there, {}) : { test = "StringEqualsIfExists", key = key, values = [value] }],
          [for key, values in try(statement.value.all_of, {}) : { test = "ForAllValues:StringEquals", key = key, values = values }],
        )

        content {
          test     = condition.value.test
          variable = condition.value.key
          values   = condition.value.values
        }
      }
    }
  }
}

data "aws_iam_policy_document" "pods" {
  count = var.controller ? 1 : 0

  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }

    condition {
      test     = "StringEquals"
      variable = "aws:SourceAccount"
      values   = [local.account]
    }
  }
}

resource "aws_iam_role" "controller" {
  count = var.controller ? 1 : 0

  name_prefix        = "${substr(local.cluster, 0, 27)}-karpenter-"
  description        = "Karpenter of ${local.cluster}"
  assume_role_policy = data.aws_iam_policy_document.pods[0].json
  tags               = var.tags
}

resource "aws_iam_policy" "controller" {
  count = var.controller ? 1 : 0

  name_prefix = "${substr(local.cluster, 0, 90)}-karpenter-"
  description = "Karpenter of ${local.cluster}"
  policy      = data.aws_iam_policy_document.controller[0].json
  tags        = var.tags
}

resource "aws_iam_role_policy_attachment" "controller" {
  count = var.controller ? 1 : 0

  role       = aws_iam_role.controller[0].name
  policy_arn = aws_iam_policy.controller[0].arn
}

resource "aws_eks_pod_identity_association" "controller" {
  count = var.controller ? 1 : 0

  cluster_name    = local.cluster
  namespace       = var.namespace
  service_account = "karpenter"
  role_arn        = aws_iam_role.controller[0].arn
  tags            = var.tags
}
