# A cluster that stands already.

locals {
  cluster_name = var.cluster_name
  cluster      = null # read by its name
}
