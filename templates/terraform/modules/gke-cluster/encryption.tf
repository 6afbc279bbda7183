# Secrets are encrypted in etcd by a key of the project's own. Google never deletes a key ring nor the name of a key: where a
# cluster of the same name was there before, import both, or give a key.

locals {
  create_key     = var.encryption_key == null
  encryption_key = local.create_key ? one(google_kms_crypto_key.this[*].id) : var.encryption_key
}

resource "google_kms_key_ring" "this" {
  count = local.create_key ? 1 : 0

  project  = var.project
  location = var.region
  name     = var.cluster_name
}

resource "google_kms_crypto_key" "this" {
  count = local.create_key ? 1 : 0

  key_ring        = one(google_kms_key_ring.this[*].id)
  name            = "etcd"
  rotation_period = "7776000s"
  labels          = var.resource_labels

  # Without its key the cluster is lost, and so are its backups.
  deletion_policy = var.deletion_protection ? "PREVENT" : "DELETE"
}

# Its number, which is part of the name of GKE's service agent. Not asked for before there is a key to use.
data "google_project" "this" {
  count = local.create_key ? 1 : 0

  project_id = var.project

  depends_on = [google_kms_key_ring.this]
}

resource "google_kms_crypto_key_iam_member" "control_plane" {
  count = local.create_key ? 1 : 0

  crypto_key_id = one(google_kms_crypto_key.this[*].id)
  role          = "roles/cloudkms.cryptoKeyEncrypterDecrypter"
  member        = "serviceAccount:service-${one(data.google_project.this[*].number)}@container-engine-robot.iam.gserviceaccount.com"
}
