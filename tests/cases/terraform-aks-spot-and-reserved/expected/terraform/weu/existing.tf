# A cluster that stands already.

variable "subnet_id" {
  description = "Resource id of the nodes' subnet; null where AKS made the network itself."
  type        = string
}

locals {
  cluster_name    = var.cluster_name
  cluster         = null # found by its name
  subnet_id       = var.subnet_id
  host_encryption = false
}
