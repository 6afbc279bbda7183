output "node_groups" {
  description = "Node groups by key: what was asked for, and the names that AWS gave."
  value = {
    for key, group in local.groups : key => {
      pool              = group.pool
      capacity          = group.capacity
      instance_types    = group.instance_types
      min_nodes         = group.min_nodes
      max_nodes         = group.max_nodes
      arn               = aws_eks_node_group.this[key].arn
      autoscaling_group = try(aws_eks_node_group.this[key].resources[0].autoscaling_groups[0].name, null)
    }
  }
}

output "node_role_arn" {
  description = "ARN of the IAM role of the nodes."
  value       = local.node_role_arn
}
