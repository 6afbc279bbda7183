# What AWS would answer, as far as the provider checks its form.

mock_data "aws_eks_cluster" {
  defaults = {
    vpc_config = [{
      cluster_security_group_id = "sg-0"
      endpoint_private_access   = true
      endpoint_public_access    = false
      public_access_cidrs       = []
      security_group_ids        = []
      subnet_ids                = ["subnet-cluster-a", "subnet-cluster-b"]
      vpc_id                    = "vpc-0"
    }]
  }
}

mock_data "aws_iam_policy_document" {
  defaults = {
    json = "{}"
  }
}

mock_data "aws_partition" {
  defaults = {
    partition = "aws"
  }
}

mock_resource "aws_iam_role" {
  defaults = {
    arn = "arn:aws:iam::111122223333:role/created"
  }
}

mock_resource "aws_launch_template" {
  defaults = {
    id             = "lt-0123456789abcdef0"
    latest_version = 7
  }
}

mock_resource "aws_eks_node_group" {
  defaults = {
    resources = [{ autoscaling_groups = [{ name = "asg-of-the-group" }], remote_access_security_group_id = "" }]
  }
}
