output "cluster_name" {
  description = "Name of the cluster, for what adds nodes to it: by then the network and the add-ons that nodes need are there."
  value       = aws_eks_cluster.this.name

  depends_on = [aws_eks_addon.before_nodes, aws_route.nodes, aws_route_table_association.nodes]
}

output "endpoint" {
  description = "Address of the control plane."
  value       = aws_eks_cluster.this.endpoint
}

output "cluster_security_group_id" {
  description = "Security group of control plane and nodes. Whoever shall reach a private control plane needs a rule for port 443 here."
  value       = aws_eks_cluster.this.vpc_config[0].cluster_security_group_id
}

output "vpc_id" {
  description = "The cluster's network."
  value       = aws_vpc.this.id
}

output "subnet_ids" {
  description = "Private subnets of the nodes, one a zone, in the order of the zones' names."
  value       = local.node_subnet_ids
}

output "kubeconfig_command" {
  description = "What tells kubectl of the cluster, run by one of the `admins` from where the control plane can be reached."
  value       = "aws eks update-kubeconfig --region ${data.aws_region.current.name} --name ${aws_eks_cluster.this.name}"
}
