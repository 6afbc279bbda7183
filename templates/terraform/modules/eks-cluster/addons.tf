locals {
  # Those that talk to AWS, each by a role of its own; they get it through eks-pod-identity-agent.
  addon_identities = {
    for name, identity in {
      aws-ebs-csi-driver = { service_account = "ebs-csi-controller-sa", policy = "service-role/AmazonEBSCSIDriverPolicy" }
      vpc-cni            = { service_account = "aws-node", policy = "AmazonEKS_CNI_Policy" }
    } : name => identity if contains(keys(var.addons), name)
  }

  addon_versions = {
    for name, addon in var.addons : name => addon.version != null ? addon.version : data.aws_eks_addon_version.default[name].version
  }
}

# Asked for by version and not of the cluster, so that it is known before there is one.
data "aws_eks_addon_version" "default" {
  for_each = toset([for name, addon in var.addons : name if addon.version == null])

  addon_name         = each.key
  kubernetes_version = var.kubernetes_version
}

resource "aws_eks_addon" "before_nodes" {
  for_each = { for name, addon in var.addons : name => addon if addon.before_nodes }

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  addon_version               = local.addon_versions[each.key]
  configuration_values        = each.value.configuration
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
  tags                        = var.tags

  dynamic "pod_identity_association" {
    for_each = { for name, identity in local.addon_identities : name => identity if name == each.key }

    content {
      role_arn        = aws_iam_role.addons[each.key].arn
      service_account = pod_identity_association.value.service_account
    }
  }

  depends_on = [aws_iam_role_policy_attachment.addons]
}

# These are ready only when their pods run somewhere.
resource "aws_eks_addon" "on_nodes" {
  for_each = { for name, addon in var.addons : name => addon if !addon.before_nodes }

  cluster_name                = aws_eks_cluster.this.name
  addon_name                  = each.key
  addon_version               = local.addon_versions[each.key]
  configuration_values        = each.value.configuration
  resolve_conflicts_on_create = "OVERWRITE"
  resolve_conflicts_on_update = "OVERWRITE"
  tags                        = var.tags

  dynamic "pod_identity_association" {
    for_each = { for name, identity in local.addon_identities : name => identity if name == each.key }

    content {
      role_arn        = aws_iam_role.addons[each.key].arn
      service_account = pod_identity_association.value.service_account
    }
  }

  depends_on = [aws_eks_node_group.system, aws_iam_role_policy_attachment.addons]
}
