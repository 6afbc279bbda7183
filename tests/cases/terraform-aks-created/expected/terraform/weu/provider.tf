# Where the cluster is. Values stand in fleet.auto.tfvars.json, those with a default in a tfvars file of your own.

terraform {
  required_version = ">= 1.10"

  required_providers {
    azurerm = {
      source  = "hashicorp/azurerm"
      version = "~> 5.2"
    }
  }
}

provider "azurerm" {
  # ARM_SUBSCRIPTION_ID when null.
  subscription_id = var.subscription_id

  # Registering asks for rights over all of the subscription, and one that has a cluster has what nodes need.
  resource_provider_registrations = "none"

  features {}
}

variable "subscription_id" {
  description = "Azure subscription; that of ARM_SUBSCRIPTION_ID when null."
  type        = string
}

variable "resource_group_name" {
  description = "Resource group of the cluster, which is there already."
  type        = string
}

variable "location" {
  description = "Azure region of the cluster."
  type        = string
}

variable "cluster_name" {
  description = "Name of the AKS cluster."
  type        = string
}

variable "tags" {
  description = "Tags of the cluster, its machines and what else it needs."
  type        = map(string)
}
