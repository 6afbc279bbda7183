"""Targets: each writes a family of files from the plan."""

TARGETS = {
    "compose": "generator.targets.compose.target:COMPOSE",
    "helm": "generator.targets.helm.target:HELM",
    "terraform": "generator.targets.terraform.target:TERRAFORM",
    "routes": "generator.targets.routes.target:ROUTES",
    "litellm": "generator.gateways.litellm.files:LITELLM",
    "envoy": "generator.gateways.envoy.files:ENVOY",
    "envoy-gateway": "generator.gateways.envoy_gateway.files:ENVOY_GATEWAY",
    "cluster": "generator.targets.cluster.target:CLUSTER",
    "cost": "generator.targets.cost.target:COST",
}
