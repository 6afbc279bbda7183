variable "cluster_name" {
  description = "Name of the existing EKS cluster whose nodes Karpenter starts."
  type        = string
}

variable "node_role_arn" {
  description = "ARN of an IAM role for the nodes; one is created when null."
  type        = string
  default     = null
}

variable "node_role_name" {
  description = "Name of the role that is created, by which EC2NodeClass objects call it."
  type        = string

  validation {
    condition     = length(var.node_role_name) <= 64
    error_message = "The name of an IAM role has at most 64 characters."
  }
}

variable "attach_cni_policy" {
  description = "Whether a created role may manage pod network interfaces. Not needed where the VPC CNI has a role of its own."
  type        = bool
  default     = true
}

variable "controller" {
  description = "Whether the controller needs an identity and a queue; not where it is installed already."
  type        = bool
  default     = true
}

variable "namespace" {
  description = "Namespace of the controller, whose service account is `karpenter`."
  type        = string
  default     = "kube-system"
}

variable "queue_name" {
  description = "Name of the queue of interruptions, as the controller is told it."
  type        = string
}

variable "tags" {
  description = "Tags of everything created here."
  type        = map(string)
  default     = {}
}
