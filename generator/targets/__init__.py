"""Targets: each writes a family of files from the plan. A gateway kind owns what is written for it."""

from generator.gateways import GATEWAYS

TARGETS = {
    "compose": "generator.targets.compose.target:COMPOSE",
    "helm": "generator.targets.helm.target:HELM",
    "terraform": "generator.targets.terraform.target:TERRAFORM",
    "routes": "generator.targets.routes.target:ROUTES",
    **dict.fromkeys(GATEWAYS, "generator.targets.gateway.target:GATEWAY"),
    "cluster": "generator.targets.cluster.target:CLUSTER",
    "cost": "generator.targets.cost.target:COST",
}
