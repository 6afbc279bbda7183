# GPU node groups for an EKS cluster, at aws_eks_node_group.this["<key>"]: which there are is decided where this module is
# called. The NVIDIA device plugin is not part of it.

# Not asked where subnets are given: the cluster may be about to be created by the same apply.
data "aws_eks_cluster" "this" {
  count = length(var.subnet_ids) > 0 ? 0 : 1

  name = var.cluster_name
}

locals {
  subnet_ids = length(var.subnet_ids) > 0 ? var.subnet_ids : tolist(data.aws_eks_cluster.this[0].vpc_config[0].subnet_ids)

  groups = {
    for key, group in var.node_groups : key => merge(group, {
      disk_type = coalesce(group.disk_type, "gp3")
      block     = try(group.reservation.kind, "") == "capacity-block"

      # A placement group lies in one zone, which is that of the first subnet.
      subnet_ids = group.compact ? slice(local.subnet_ids, 0, 1) : local.subnet_ids

      # By the accelerator label the cluster autoscaler tells that a node without GPUs is not ready yet.
      labels = merge(group.labels, {
        "k8s.amazonaws.com/accelerator" = trim(substr(replace(group.gpu, "/[^A-Za-z0-9_.-]+/", "-"), 0, 63), "-_.")
      })
    })
  }

  capacity_types = {
    on-demand = "ON_DEMAND"
    spot      = "SPOT"
    reserved  = "ON_DEMAND"
  }

  taint_effects = {
    NoSchedule       = "NO_SCHEDULE"
    PreferNoSchedule = "PREFER_NO_SCHEDULE"
    NoExecute        = "NO_EXECUTE"
  }
}

# EKS adds its own part to this one, and nodeadm puts the two together. The flag is there because it counts for more than the
# configuration, in which EKS states a number as well.
locals {
  user_data = {
    for key, group in local.groups : key => <<-EOT
      MIME-Version: 1.0
      Content-Type: multipart/mixed; boundary="//"

      --//
      Content-Type: application/node.eks.aws

      ---
      apiVersion: node.eks.aws/v1alpha1
      kind: NodeConfig
      spec:
        kubelet:
          config:
            maxPods: ${group.max_pods}
          flags:
            - --max-pods=${group.max_pods}

      --//--
    EOT
    if group.max_pods != null
  }
}

# At the address of the node group whose nodes stand close together.
resource "aws_placement_group" "this" {
  for_each = { for key, group in local.groups : key => group if group.compact }

  name     = "${var.cluster_name}-${each.key}"
  strategy = "cluster"
  tags     = var.tags
}

resource "aws_launch_template" "this" {
  for_each = local.groups

  name_prefix            = "${substr("${var.cluster_name}-${each.key}", 0, 98)}-"
  description            = "GPU nodes ${each.key} of ${var.cluster_name}"
  update_default_version = true

  # A capacity block is bound to its instance type, which then belongs here and not in the node group.
  instance_type = each.value.block ? each.value.instance_types[0] : null

  user_data = each.value.max_pods == null ? null : base64encode(local.user_data[each.key])

  dynamic "placement" {
    for_each = each.value.compact ? [aws_placement_group.this[each.key].name] : []

    content {
      group_name = placement.value
    }
  }

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = each.value.disk_type
      volume_size           = each.value.disk_gib
      iops                  = each.value.disk_type == "io2" ? var.io2_iops : null
      encrypted             = true
      delete_on_termination = true
    }
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = var.metadata_hop_limit
  }

  dynamic "capacity_reservation_specification" {
    for_each = each.value.capacity == "reserved" ? [try(each.value.reservation.id, null)] : []

    content {
      # Without an id any open reservation will do, but never a machine at the price of on-demand.
      capacity_reservation_preference = capacity_reservation_specification.value == null ? "capacity-reservations-only" : null

      dynamic "capacity_reservation_target" {
        for_each = capacity_reservation_specification.value == null ? [] : [capacity_reservation_specification.value]

        content {
          capacity_reservation_id = capacity_reservation_target.value
        }
      }
    }
  }

  dynamic "instance_market_options" {
    for_each = each.value.block ? ["capacity-block"] : []

    content {
      market_type = instance_market_options.value
    }
  }

  dynamic "tag_specifications" {
    for_each = ["instance", "volume", "network-interface"]

    content {
      resource_type = tag_specifications.value
      tags          = merge(var.tags, { Name = "${var.cluster_name}-${each.key}" })
    }
  }

  tags = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_eks_node_group" "this" {
  for_each = local.groups

  cluster_name  = var.cluster_name
  version       = var.kubernetes_version
  node_role_arn = local.node_role_arn
  subnet_ids    = each.value.subnet_ids

  # A prefix, so that a replacement (new instance type, subnets or role) can stand before the old group is drained. It needs
  # machines of its own meanwhile: where a reservation is full, free nodes of the old group first.
  node_group_name_prefix = "${each.value.name}-"

  ami_type       = "AL2023_x86_64_NVIDIA"
  capacity_type  = each.value.block ? "CAPACITY_BLOCK" : local.capacity_types[each.value.capacity]
  instance_types = each.value.block ? null : each.value.instance_types
  labels         = each.value.labels

  launch_template {
    id      = aws_launch_template.this[each.key].id
    version = aws_launch_template.this[each.key].latest_version
  }

  scaling_config {
    min_size     = each.value.min_nodes
    max_size     = each.value.max_nodes
    desired_size = each.value.min_nodes
  }

  update_config {
    max_unavailable = each.value.max_unavailable
  }

  dynamic "taint" {
    for_each = each.value.taints

    content {
      key    = taint.value.key
      value  = taint.value.value
      effect = local.taint_effects[taint.value.effect]
    }
  }

  tags = var.tags

  timeouts {
    create = "60m"
    update = "120m"
    delete = "60m"
  }

  lifecycle {
    create_before_destroy = true

    # The autoscaler moves it. AWS refuses a minimum above the present number of nodes: let the group grow first.
    ignore_changes = [scaling_config[0].desired_size]
  }

  # Nodes need their permissions until the last of them has left.
  depends_on = [aws_iam_role_policy_attachment.nodes]
}
