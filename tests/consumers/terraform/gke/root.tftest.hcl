# For every root module: what holds whatever the fleet is. The plan of the first run is also read by the test.

mock_provider "google" {
  source = "./tests/mocks"
}

run "root" {
  command = plan

  assert {
    condition     = toset(keys(output.node_pools)) == toset(keys(var.node_groups))
    error_message = "A node pool is missing: ${jsonencode(keys(output.node_pools))}"
  }

  assert {
    condition = alltrue([
      for pool in distinct([for group in output.node_pools : group.pool]) :
      length([for group in output.node_pools : group if group.pool == pool && group.min_nodes > 0]) <= 1
    ])
    error_message = "The minimum of nodes must be kept once for a pool, not once for each way of buying."
  }

  assert {
    condition     = alltrue([for item in output.node_pools : can(regex("^[a-z]([a-z0-9-]{0,38}[a-z0-9])?$", item.name))])
    error_message = "GKE refuses a name: ${jsonencode([for item in output.node_pools : item.name])}"
  }
}
