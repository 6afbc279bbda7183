"""What Kubernetes calls accelerators. There are those of NVIDIA so far."""

RESOURCE = "nvidia.com/gpu"
"""The resource that pods ask for; also the key of the taint that keeps other pods away, and the beginning of labels."""
