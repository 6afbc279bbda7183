"""Cluster: what stands in a Kubernetes cluster before the releases come."""
