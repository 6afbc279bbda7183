# Where the cluster is. Values stand in fleet.auto.tfvars.json, those with a default in a tfvars file of your own.

terraform {
  required_version = ">= 1.10"

  required_providers {
    google = {
      source  = "hashicorp/google"
      version = "~> 7.45"
    }
  }
}

provider "google" {
  project = var.project
}

variable "project" {
  description = "Google Cloud project of the cluster."
  type        = string
}

variable "location" {
  description = "Location of the cluster: its region, or its zone where it is a zonal one."
  type        = string
}

variable "cluster_name" {
  description = "Name of the GKE cluster."
  type        = string
}

variable "resource_labels" {
  description = "Labels of the cluster, its machines and disks, for bills and searches."
  type        = map(string)
}
