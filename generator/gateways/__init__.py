"""Gateways: what carries out a route table. A folder each, which no target knows by name."""

GATEWAYS = {
    "envoy": "generator.gateways.envoy.files:ENVOY",
    "envoy-gateway": "generator.gateways.envoy_gateway.files:ENVOY_GATEWAY",
    "litellm": "generator.gateways.litellm.files:LITELLM",
}
