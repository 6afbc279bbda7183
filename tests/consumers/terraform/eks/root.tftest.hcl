# For every root module: what holds whatever the fleet is. The plan of the first run is also read by the test.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "root" {
  command = plan

  assert {
    condition     = toset(keys(output.node_groups)) == toset(keys(var.node_groups))
    error_message = "A node group is missing: ${jsonencode(keys(output.node_groups))}"
  }

  assert {
    condition = alltrue([
      for pool in distinct([for group in output.node_groups : group.pool]) :
      length([for group in output.node_groups : group if group.pool == pool && group.min_nodes > 0]) <= 1
    ])
    error_message = "The minimum of nodes must be kept once for a pool, not once for each way of buying."
  }
}
