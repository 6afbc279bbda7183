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

mock_data "aws_region" {
  defaults = {
    name = "us-east-1"
  }
}

mock_resource "aws_iam_policy" {
  defaults = {
    arn = "arn:aws:iam::111122223333:policy/created"
  }
}

mock_resource "aws_sqs_queue" {
  defaults = {
    arn = "arn:aws:sqs:us-east-1:111122223333:queue"
    url = "https://sqs.us-east-1.amazonaws.com/111122223333/queue"
  }
}

mock_resource "aws_cloudwatch_event_rule" {
  defaults = {
    arn  = "arn:aws:events:us-east-1:111122223333:rule/created"
    name = "created"
  }
}

mock_data "aws_caller_identity" {
  defaults = {
    account_id = "111122223333"
  }
}

mock_data "aws_eks_addon_version" {
  defaults = {
    version = "v1.2.3-eksbuild.1"
  }
}

mock_resource "aws_kms_key" {
  defaults = {
    arn = "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-0000-0000-000000000000"
  }
}

mock_resource "aws_cloudwatch_log_group" {
  defaults = {
    arn = "arn:aws:logs:us-east-1:111122223333:log-group:of-the-cluster"
  }
}
