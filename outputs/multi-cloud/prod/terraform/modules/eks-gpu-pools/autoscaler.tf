# The cluster autoscaler finds a group, and knows what a node would offer while there is none, by tags of the autoscaling
# group. EKS does not copy the node group's labels and taints to it.

locals {
  autoscaler_tags = merge([
    for group_name, group in local.groups : {
      for key, value in merge(
        {
          "k8s.io/cluster-autoscaler/enabled"                                = "true"
          "k8s.io/cluster-autoscaler/${var.cluster_name}"                    = "owned"
          "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu" = tostring(group.gpus_per_node)
          # Pods ask for room on the root disk, of which no type of machine tells. The file system takes a part of it, and
          # the kubelet keeps a tenth free and 1 GiB for the system.
          "k8s.io/cluster-autoscaler/node-template/resources/ephemeral-storage" = "${floor(group.disk_gib * 0.995 * 0.9 - 1)}Gi"
        },
        { for name, label in group.labels : "k8s.io/cluster-autoscaler/node-template/label/${name}" => label },
        # One tag a key: the autoscaler reads no second taint of the same key.
        {
          for taint_key, specs in { for taint in group.taints : taint.key => "${taint.value}:${taint.effect}"... } :
          "k8s.io/cluster-autoscaler/node-template/taint/${taint_key}" => specs[0]
        }
      ) : "${group_name}/${key}" => { group = group_name, key = key, value = value }
    }
  ]...)
}

resource "aws_autoscaling_group_tag" "this" {
  for_each = local.autoscaler_tags

  autoscaling_group_name = aws_eks_node_group.this[each.value.group].resources[0].autoscaling_groups[0].name

  tag {
    key                 = each.value.key
    value               = each.value.value
    propagate_at_launch = false
  }
}

# Its identity: it reads what groups there are, and resizes those of this cluster.
data "aws_iam_policy_document" "autoscaler_assume" {
  statement {
    actions = ["sts:AssumeRole", "sts:TagSession"]

    principals {
      type        = "Service"
      identifiers = ["pods.eks.amazonaws.com"]
    }
  }
}

data "aws_iam_policy_document" "autoscaler" {
  # What these list cannot be narrowed to a resource.
  statement {
    actions = [
      "autoscaling:DescribeAutoScalingGroups",
      "autoscaling:DescribeAutoScalingInstances",
      "autoscaling:DescribeLaunchConfigurations",
      "autoscaling:DescribeScalingActivities",
      "autoscaling:DescribeTags",
      "ec2:DescribeImages",
      "ec2:DescribeInstanceTypes",
      "ec2:DescribeLaunchTemplateVersions",
      "ec2:GetInstanceTypesFromInstanceRequirements",
    ]
    resources = ["*"]
  }

  statement {
    actions   = ["eks:DescribeNodegroup"]
    resources = ["arn:${data.aws_partition.current.partition}:eks:*:*:nodegroup/${var.cluster_name}/*"]
  }

  statement {
    actions   = ["autoscaling:SetDesiredCapacity", "autoscaling:TerminateInstanceInAutoScalingGroup"]
    resources = ["*"]

    condition {
      test     = "StringEquals"
      variable = "aws:ResourceTag/k8s.io/cluster-autoscaler/${var.cluster_name}"
      values   = ["owned"]
    }
  }
}

resource "aws_iam_role" "autoscaler" {
  count = var.autoscaler_identity ? 1 : 0

  name_prefix        = "${substr(var.cluster_name, 0, 26)}-autoscaler-"
  description        = "Cluster autoscaler of ${var.cluster_name}"
  assume_role_policy = data.aws_iam_policy_document.autoscaler_assume.json
  tags               = var.tags
}

resource "aws_iam_role_policy" "autoscaler" {
  count = var.autoscaler_identity ? 1 : 0

  name   = "resize"
  role   = one(aws_iam_role.autoscaler[*].name)
  policy = data.aws_iam_policy_document.autoscaler.json
}

resource "aws_eks_pod_identity_association" "autoscaler" {
  count = var.autoscaler_identity ? 1 : 0

  cluster_name    = var.cluster_name
  namespace       = "kube-system"
  service_account = "cluster-autoscaler"
  role_arn        = one(aws_iam_role.autoscaler[*].arn)
  tags            = var.tags
}
