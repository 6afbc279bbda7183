# What Google would answer, as far as the provider checks its form.

mock_data "google_container_cluster" {
  defaults = {
    name                     = "platform"
    node_locations           = ["europe-west4-a", "europe-west4-b", "europe-west4-c"]
    workload_identity_config = [{ workload_pool = "acme.svc.id.goog" }]
  }
}

mock_resource "google_service_account" {
  defaults = {
    email = "created@acme.iam.gserviceaccount.com"
  }
}

mock_data "google_project" {
  defaults = {
    number = "123456789012"
  }
}

mock_resource "google_kms_crypto_key" {
  defaults = {
    id = "projects/acme/locations/europe-west4/keyRings/fresh/cryptoKeys/etcd"
  }
}

mock_resource "google_kms_key_ring" {
  defaults = {
    id = "projects/acme/locations/europe-west4/keyRings/fresh"
  }
}

mock_resource "google_compute_network" {
  defaults = {
    id = "projects/acme/global/networks/fresh"
  }
}

mock_resource "google_compute_subnetwork" {
  defaults = {
    id = "projects/acme/regions/europe-west4/subnetworks/fresh-nodes"
  }
}

mock_resource "google_container_cluster" {
  defaults = {
    endpoint = "10.0.0.2"
  }
}
