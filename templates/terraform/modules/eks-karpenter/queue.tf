# AWS tells of nodes that will end; Karpenter reads it here and starts others in time.

locals {
  events = {
    health      = { source = "aws.health", type = "AWS Health Event" }
    rebalance   = { source = "aws.ec2", type = "EC2 Instance Rebalance Recommendation" }
    reservation = { source = "aws.ec2", type = "EC2 Capacity Reservation Instance Interruption Warning" }
    spot        = { source = "aws.ec2", type = "EC2 Spot Instance Interruption Warning" }
    state       = { source = "aws.ec2", type = "EC2 Instance State-change Notification" }
  }
}

resource "aws_sqs_queue" "interruptions" {
  count = var.controller ? 1 : 0

  name                      = var.queue_name
  message_retention_seconds = 300
  sqs_managed_sse_enabled   = true
  tags                      = var.tags
}

data "aws_iam_policy_document" "queue" {
  count = var.controller ? 1 : 0

  statement {
    sid       = "AllowEvents"
    actions   = ["sqs:SendMessage"]
    resources = [aws_sqs_queue.interruptions[0].arn]

    principals {
      type        = "Service"
      identifiers = ["events.amazonaws.com"]
    }

    condition {
      test     = "ArnEquals"
      variable = "aws:SourceArn"
      values   = [for rule in aws_cloudwatch_event_rule.interruptions : rule.arn]
    }
  }

  statement {
    sid       = "DenyPlainHttp"
    effect    = "Deny"
    actions   = ["sqs:*"]
    resources = [aws_sqs_queue.interruptions[0].arn]

    principals {
      type        = "*"
      identifiers = ["*"]
    }

    condition {
      test     = "Bool"
      variable = "aws:SecureTransport"
      values   = ["false"]
    }
  }
}

resource "aws_sqs_queue_policy" "interruptions" {
  count = var.controller ? 1 : 0

  queue_url = aws_sqs_queue.interruptions[0].url
  policy    = data.aws_iam_policy_document.queue[0].json
}

resource "aws_cloudwatch_event_rule" "interruptions" {
  for_each = var.controller ? local.events : {}

  name_prefix   = "${substr("${local.cluster}-${each.key}", 0, 37)}-"
  description   = "${each.value.type} for Karpenter of ${local.cluster}"
  event_pattern = jsonencode({ source = [each.value.source], detail-type = [each.value.type] })
  tags          = var.tags
}

resource "aws_cloudwatch_event_target" "interruptions" {
  for_each = aws_cloudwatch_event_rule.interruptions

  rule      = each.value.name
  target_id = "karpenter"
  arn       = aws_sqs_queue.interruptions[0].arn
}
