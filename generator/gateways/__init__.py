"""Gateways: what carries out a route table. `GATEWAYS` names the target that renders each kind."""

GATEWAYS = {"envoy": "envoy", "envoy-gateway": "envoy-gateway", "litellm": "litellm"}
