# For a root with both: its plan is also read by the test.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "root" {
  command = plan

  assert {
    condition     = length(output.kubeconfig_command) > 0
    error_message = "Nobody is told how to reach the cluster."
  }
}
