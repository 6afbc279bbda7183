# For every root module: what holds whatever the fleet is. The plan of the first run is also read by the test.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "root" {
  command = plan

  assert {
    condition     = length(output.node_groups) == sum([for pool in var.pools : length(pool.capacity)])
    error_message = "A node group is missing: ${jsonencode(keys(output.node_groups))}"
  }

  assert {
    condition = alltrue([
      for name, pool in var.pools :
      sum([for group in output.node_groups : group.min_nodes if group.pool == name]) == pool.min_nodes
    ])
    error_message = "The minimum of nodes must be kept once for a pool, not once for each way of buying."
  }
}
