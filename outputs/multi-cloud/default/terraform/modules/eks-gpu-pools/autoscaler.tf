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
