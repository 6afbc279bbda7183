variable "name" {
  description = "Name of the cluster. Another name is another cluster."
  type        = string

  validation {
    condition     = can(regex("^[A-Za-z0-9][A-Za-z0-9_-]{0,99}$", var.name))
    error_message = "A cluster's name has up to 100 letters, digits, - and _."
  }
}

variable "kubernetes_version" {
  description = "Minor version of Kubernetes, such as 1.34: control plane, system nodes and add-ons. AWS upgrades by one minor at a time."
  type        = string

  validation {
    condition     = can(regex("^1\\.[0-9]{2}$", var.kubernetes_version))
    error_message = "The version is a minor one, such as 1.34."
  }
}

variable "zones" {
  description = "Availability zones, two or more. Nodes may get further ones later; the control plane stays in the first, so none can be taken away."
  type        = list(string)

  validation {
    condition     = length(toset(var.zones)) >= 2 && alltrue([for zone in var.zones : can(regex("[0-9][a-g]$", zone))])
    error_message = "Two or more zones of one region are needed, such as us-east-1a and us-east-1b."
  }
}

variable "network" {
  description = "Addresses of nodes and pods (the VPC, /16 to /22), and of Services."
  type = object({
    nodes    = optional(string, "10.0.0.0/16")
    services = optional(string, "172.20.0.0/16")
  })
  default = {}

  validation {
    condition     = try(tonumber(split("/", var.network.nodes)[1]) >= 16 && tonumber(split("/", var.network.nodes)[1]) <= 22, false)
    error_message = "The range of the nodes is /16 to /22."
  }
}

variable "single_nat_gateway" {
  description = "One NAT gateway for all zones rather than one each: cheaper, and without its zone no node reaches the internet."
  type        = bool
  default     = false
}

variable "public_access_cidrs" {
  description = "Addresses from which the control plane can be reached over the internet. Without any it is private."
  type        = list(string)
  default     = []
}

variable "admins" {
  description = "Administrators of the cluster, by a name of your choice: ARN of an IAM role or user. Whoever applies is none by that."
  type        = map(string)
  default     = {}
}

variable "system_pool" {
  description = "The nodes without GPUs that run the cluster's own pods."
  type = object({
    machine   = optional(string, "m7i.large")
    min_nodes = optional(number, 2)
    max_nodes = optional(number, 4)
    disk_gib  = optional(number, 50)
  })
  default = {}

  validation {
    condition     = var.system_pool.min_nodes >= 1 && var.system_pool.min_nodes <= var.system_pool.max_nodes
    error_message = "The system pool needs 1 <= min_nodes <= max_nodes."
  }
}

variable "addons" {
  description = <<-EOT
    EKS add-ons by name; those left out are the team's own to install, `{}` leaves out all. Without a `version` it is the
    default that AWS names for `kubernetes_version`: the plan shows when that moves, and an upgrade of the cluster brings
    it along. `before_nodes` is for what a node needs to become ready. `configuration` is JSON as the add-on knows it.
  EOT
  type = map(object({
    version       = optional(string)
    before_nodes  = optional(bool, false)
    configuration = optional(string)
  }))
  default = {
    aws-ebs-csi-driver     = {}
    coredns                = {}
    eks-pod-identity-agent = { before_nodes = true }
    kube-proxy             = { before_nodes = true }
    vpc-cni                = { before_nodes = true }
  }

  validation {
    condition     = contains(keys(var.addons), "eks-pod-identity-agent") || length(setintersection(keys(var.addons), ["aws-ebs-csi-driver", "vpc-cni"])) == 0
    error_message = "aws-ebs-csi-driver and vpc-cni get their permissions from eks-pod-identity-agent."
  }
}

variable "support_type" {
  description = "STANDARD upgrades the control plane when support of its version ends; EXTENDED keeps it for a year more at a higher price."
  type        = string
  default     = "STANDARD"

  validation {
    condition     = contains(["STANDARD", "EXTENDED"], var.support_type)
    error_message = "support_type is STANDARD or EXTENDED."
  }
}

variable "log_retention_days" {
  description = "How long logs of the control plane and of the network are kept."
  type        = number
  default     = 365
}

variable "tags" {
  description = "Tags of everything created here, instances and volumes included."
  type        = map(string)
  default     = {}
}
