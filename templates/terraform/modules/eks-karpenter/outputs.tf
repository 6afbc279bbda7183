output "node_role_arn" {
  description = "ARN of the IAM role of the nodes."
  value       = local.node_role_arn
}

output "controller_role_arn" {
  description = "ARN of the IAM role of the controller; null where it is installed already."
  value       = one(aws_iam_role.controller[*].arn)
}

output "queue_name" {
  description = "Name of the queue of interruptions; null where the controller is installed already."
  value       = one(aws_sqs_queue.interruptions[*].name)
}
