# A cluster that stands already.

variable "subnet_ids" {
  description = "Subnets of the GPU nodes; the cluster's own when empty."
  type        = list(string)
  default     = []
}

locals {
  cluster_name       = var.cluster_name
  subnet_ids         = var.subnet_ids
  kubernetes_version = null # the cluster's, as nodes are created
  attach_cni_policy  = true
}
