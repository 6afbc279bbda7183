# What Karpenter gets in the account: with its controller, beside one that is there already, and with a role of one's own.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  region         = "us-east-1"
  cluster_name   = "platform"
  node_role_name = "platform-us-east-1-karpenter-nodes"
  queue_name     = "platform-us-east-1-karpenter"
  controller     = true
  tags           = { team = "chat" }
}

run "controller" {
  command = apply

  module {
    source = "../modules/eks-karpenter"
  }

  assert {
    condition     = aws_iam_role.nodes[0].name == "platform-us-east-1-karpenter-nodes"
    error_message = "EC2NodeClass objects call the role of the nodes by its name."
  }

  assert {
    condition     = aws_eks_access_entry.nodes.type == "EC2_LINUX" && aws_eks_access_entry.nodes.principal_arn == aws_iam_role.nodes[0].arn
    error_message = "Nodes cannot join without an access entry of their role."
  }

  assert {
    condition = alltrue([
      aws_eks_pod_identity_association.controller[0].service_account == "karpenter",
      aws_eks_pod_identity_association.controller[0].namespace == "kube-system",
      aws_eks_pod_identity_association.controller[0].role_arn == aws_iam_role.controller[0].arn,
    ])
    error_message = "The service account of the chart must have the controller's role."
  }

  assert {
    condition     = aws_sqs_queue.interruptions[0].name == "platform-us-east-1-karpenter" && aws_sqs_queue.interruptions[0].sqs_managed_sse_enabled
    error_message = "The queue must be encrypted and have the name that the controller is told."
  }

  assert {
    condition = toset([for rule in aws_cloudwatch_event_rule.interruptions : jsondecode(rule.event_pattern)["detail-type"][0]]) == toset([
      "AWS Health Event", "EC2 Instance Rebalance Recommendation", "EC2 Spot Instance Interruption Warning",
      "EC2 Instance State-change Notification", "EC2 Capacity Reservation Instance Interruption Warning",
    ])
    error_message = "Karpenter reads five kinds of events."
  }

  assert {
    condition     = alltrue([for target in aws_cloudwatch_event_target.interruptions : target.arn == aws_sqs_queue.interruptions[0].arn])
    error_message = "An event goes nowhere."
  }

  # Least privilege: whatever changes something is bound to tags of this cluster, to the role of its nodes or to its queue.
  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.controller[0].statement :
      length(statement.condition) > 0 && anytrue([for condition in statement.condition : strcontains(condition.variable, "kubernetes.io/cluster/platform")])
      if anytrue([for action in statement.actions : can(regex(":(Create|Tag|Add|Remove|Delete|Terminate)", action)) && !startswith(action, "sqs:")]) && !contains(statement.actions, "ec2:RunInstances")
    ])
    error_message = "A statement lets Karpenter change what is not this cluster's."
  }

  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.controller[0].statement : !contains(statement.resources, "*")
      if anytrue([for action in statement.actions : !can(regex(":(Describe|List|GetProducts)", action))])
    ])
    error_message = "Only reading may be allowed on everything."
  }

  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.controller[0].statement : one(statement.resources) == aws_iam_role.nodes[0].arn
      if contains(statement.actions, "iam:PassRole")
    ])
    error_message = "Karpenter may pass the role of its nodes and no other."
  }
}

run "controller_is_there" {
  command = apply

  module {
    source = "../modules/eks-karpenter"
  }

  variables {
    controller    = false
    node_role_arn = "arn:aws:iam::111122223333:role/gpu-nodes"
  }

  assert {
    condition     = length(aws_iam_role.nodes) + length(aws_iam_role.controller) + length(aws_sqs_queue.interruptions) + length(aws_cloudwatch_event_rule.interruptions) + length(aws_eks_pod_identity_association.controller) == 0
    error_message = "A controller that is there has all this."
  }

  assert {
    condition     = aws_eks_access_entry.nodes.principal_arn == "arn:aws:iam::111122223333:role/gpu-nodes"
    error_message = "The given role needs its access entry too."
  }
}
