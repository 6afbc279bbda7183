# A cluster that is created here. The subscription needs Microsoft.ContainerService, Microsoft.Compute, Microsoft.Network,
# Microsoft.ManagedIdentity, Microsoft.OperationalInsights, Microsoft.Insights and Microsoft.PolicyInsights, registered once.

variable "kubernetes_version" {
  description = "Minor version of Kubernetes."
  type        = string
}

variable "zones" {
  description = "Zones of the system nodes; in no zone in particular when empty."
  type        = list(string)
}

variable "network" {
  description = "Address ranges (CIDR) of nodes, pods and Services."
  type = object({
    nodes    = string
    pods     = string
    services = string
  })
}

variable "public_access_cidrs" {
  description = "Addresses from which the control plane can be reached over the internet; it has no public address when empty."
  type        = list(string)
}

variable "admin_group_object_ids" {
  description = "Entra groups whose members administer the cluster. Others have roles assigned, such as Azure Kubernetes Service RBAC Reader."
  type        = list(string)
  default     = []
}

variable "system_pool" {
  description = "Machine type and limits of the nodes without GPUs."
  type = object({
    machine   = string
    min_nodes = number
    max_nodes = number
  })
}

variable "host_encryption" {
  description = "Whether temporary disks and caches of all nodes are encrypted as well. The subscription needs the feature Microsoft.Compute/EncryptionAtHost, registered once."
  type        = bool
  default     = true
}

variable "encryption_key" {
  description = "Key Vault key that encrypts Secrets before they reach etcd, and its vault, as modules/aks-cluster describes it."
  type = object({
    key_vault_key_id = string
    key_vault_id     = string
    network_access   = optional(string, "Public")
  })
  default = null
}

module "cluster" {
  source = "../modules/aks-cluster"

  resource_group_name    = var.resource_group_name
  location               = var.location
  cluster_name           = var.cluster_name
  kubernetes_version     = var.kubernetes_version
  zones                  = var.zones
  network                = var.network
  public_access_cidrs    = var.public_access_cidrs
  admin_group_object_ids = var.admin_group_object_ids
  system_pool            = var.system_pool
  host_encryption        = var.host_encryption
  encryption_key         = var.encryption_key
  tags                   = var.tags
}

locals {
  cluster_name    = module.cluster.name
  cluster         = module.cluster.pools
  subnet_id       = module.cluster.subnet_id
  host_encryption = var.host_encryption
}

output "cluster" {
  description = "Name of the cluster, of its control plane, and of the issuer of its service accounts' tokens."
  value = {
    name            = module.cluster.name
    fqdn            = module.cluster.fqdn
    oidc_issuer_url = module.cluster.oidc_issuer_url
  }
}
