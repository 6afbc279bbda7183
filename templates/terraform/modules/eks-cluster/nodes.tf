# Nodes without GPUs and without taints: DNS, drivers of volumes, controllers and gateways run here.

locals {
  node_subnet_ids = [for zone in local.zones : aws_subnet.nodes[zone].id]

  # Graviton machines have a g behind their generation: m7g, c7gn, t4g.
  arm = can(regex("^(a1|[a-z]+[0-9]+g[a-z]*)\\.", var.system_pool.machine))
}

resource "aws_launch_template" "system" {
  name_prefix            = "${substr(var.name, 0, 91)}-system-"
  description            = "System nodes of ${var.name}"
  update_default_version = true

  block_device_mappings {
    device_name = "/dev/xvda"

    ebs {
      volume_type           = "gp3"
      volume_size           = var.system_pool.disk_gib
      encrypted             = true
      delete_on_termination = true
    }
  }

  metadata_options {
    http_endpoint               = "enabled"
    http_tokens                 = "required"
    http_put_response_hop_limit = 1
  }

  dynamic "tag_specifications" {
    for_each = ["instance", "volume", "network-interface"]

    content {
      resource_type = tag_specifications.value
      tags          = merge(var.tags, { Name = "${var.name}-system" })
    }
  }

  tags = var.tags

  lifecycle {
    create_before_destroy = true
  }
}

resource "aws_eks_node_group" "system" {
  cluster_name           = aws_eks_cluster.this.name
  node_group_name_prefix = "system-"
  version                = var.kubernetes_version
  node_role_arn          = aws_iam_role.nodes.arn
  subnet_ids             = local.node_subnet_ids
  ami_type               = local.arm ? "AL2023_ARM_64_STANDARD" : "AL2023_x86_64_STANDARD"
  instance_types         = [var.system_pool.machine]
  capacity_type          = "ON_DEMAND"
  labels                 = { "fleetgen.dev/system" = "true" }
  tags                   = var.tags

  launch_template {
    id      = aws_launch_template.system.id
    version = aws_launch_template.system.latest_version
  }

  scaling_config {
    min_size     = var.system_pool.min_nodes
    max_size     = var.system_pool.max_nodes
    desired_size = var.system_pool.min_nodes
  }

  update_config {
    max_unavailable = 1
  }

  lifecycle {
    create_before_destroy = true

    # The autoscaler moves it.
    ignore_changes = [scaling_config[0].desired_size]
  }

  # A node needs its permissions, a way to the registries and addresses for its pods from its first minute to its last.
  depends_on = [
    aws_eks_addon.before_nodes,
    aws_iam_role_policy_attachment.nodes,
    aws_route.nodes,
    aws_route_table_association.nodes,
  ]
}
