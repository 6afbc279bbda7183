"""Terraform: a root module for each cluster in a cloud, and the modules it uses."""
