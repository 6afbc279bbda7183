# Values stand in fleet.auto.tfvars.json.

variable "region" {
  description = "AWS region of the cluster."
  type        = string
}

variable "cluster_name" {
  description = "Name of the existing EKS cluster whose nodes Karpenter starts."
  type        = string
}

variable "node_role_arn" {
  description = "ARN of an IAM role for the nodes; one is created when null."
  type        = string
}

variable "node_role_name" {
  description = "Name of the role that is created, by which EC2NodeClass objects call it."
  type        = string
}

variable "controller" {
  description = "Whether the controller needs an identity and a queue; not where it is installed already."
  type        = bool
}

variable "queue_name" {
  description = "Name of the queue of interruptions, as the controller is told it."
  type        = string
}

variable "tags" {
  description = "Tags of everything created here."
  type        = map(string)
}
