"""Targets: each writes a family of files from the plan. `GATEWAYS` names the target that renders each gateway kind."""

TARGETS = {
    "compose": "generator.targets.compose:COMPOSE",
    "helm": "generator.targets.helm:HELM",
    "terraform": "generator.targets.terraform:TERRAFORM",
    "routes": "generator.targets.routes:ROUTES",
    "litellm": "generator.targets.litellm:LITELLM",
    "envoy": "generator.targets.envoy:ENVOY",
    "envoy-gateway": "generator.targets.envoy_gateway:ENVOY_GATEWAY",
    "cluster": "generator.targets.cluster:CLUSTER",
    "cost": "generator.targets.cost:COST",
}

ADMITTED = "fleetgen.dev/gateway=true"
"""The label by which the models' network policies know gateways, or namespaces of gateways."""

GATEWAYS = {"envoy": "envoy", "envoy-gateway": "envoy-gateway", "litellm": "litellm"}
