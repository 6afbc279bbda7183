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
