# Planned by the real provider: no call but the one for the cluster that stands, which is answered here.

override_data {
  target = module.gpu_pools.data.google_container_cluster.this
  values = {
    node_locations           = ["europe-west4-a", "europe-west4-b", "europe-west4-c"]
    workload_identity_config = [{ workload_pool = "acme.svc.id.goog" }]
  }
}

run "root" {
  command = plan
}
