locals {
  create_account  = var.service_account == null
  service_account = local.create_account ? one(google_service_account.nodes[*].email) : var.service_account

  # Write logs and metrics, and pull images of the same project.
  node_roles = toset(["roles/container.defaultNodeServiceAccount", "roles/artifactregistry.reader"])

  # An id has 30 characters, and clusters of the same name may stand in several locations of a project.
  account_id = "gpu-${trimsuffix(substr(var.cluster_name, 0, 17), "-")}-${substr(sha1("${var.location}/${var.cluster_name}"), 0, 8)}"
}

resource "google_service_account" "nodes" {
  count = local.create_account ? 1 : 0

  project      = var.project
  account_id   = local.account_id
  display_name = "GPU nodes of ${var.cluster_name}"
}

resource "google_project_iam_member" "nodes" {
  for_each = local.create_account ? local.node_roles : toset([])

  project = var.project
  role    = each.value
  member  = "serviceAccount:${one(google_service_account.nodes[*].email)}"
}
