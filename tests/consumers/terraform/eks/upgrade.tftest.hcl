# A root that stands, planned again as it is, and with the next minor version. The plans are read by the test.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "stands" {
  command = apply
}

run "same" {
  command = plan

  assert {
    condition     = toset(keys(output.node_groups)) == toset(keys(var.node_groups))
    error_message = "A node group is missing: ${jsonencode(keys(output.node_groups))}"
  }
}

run "upgrade" {
  command = plan

  variables {
    kubernetes_version = "1.35"
  }

  assert {
    condition     = var.kubernetes_version == "1.35"
    error_message = "The version of the run must be used."
  }
}
