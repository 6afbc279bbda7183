"""Envoy AI Gateway: objects from which its controllers make a gateway."""
