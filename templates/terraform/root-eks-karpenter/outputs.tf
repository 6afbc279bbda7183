output "node_role_arn" {
  description = "ARN of the IAM role of the nodes."
  value       = module.karpenter.node_role_arn
}

output "controller_role_arn" {
  description = "ARN of the IAM role of the controller; null where it is installed already."
  value       = module.karpenter.controller_role_arn
}

output "queue_name" {
  description = "Name of the queue of interruptions; null where the controller is installed already."
  value       = module.karpenter.queue_name
}
