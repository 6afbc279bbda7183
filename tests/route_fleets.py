"""Small fleets with decided placements, for everything that speaks of routes; no other room is asked."""

from collections.abc import Mapping
from typing import Any

from generator.core.finding import Findings
from generator.core.plan import GatewayPlan, PlacementPlan, Plan
from generator.core.spec import Fleet
from generator.resolve.routes import decide
from generator.resolve.secrets import Secrets
from tests import plans

PORTS = {"vllm": 8000, "tgi": 80, "ollama": 11434}

CLUSTERS: dict[str, Any] = {
    "cloud": {
        "platform": "eks",
        "endpoint": {"url": "https://{service}.cloud.example.com", "key": {"env": "CLOUD_KEY"}},
    },
    "desk": {"platform": "docker", "endpoint": {"url": "http://desk.example.com:{port}/"}},
}
PROVIDERS: dict[str, Any] = {
    "openai": {"api": "openai", "key": {"env": "OPENAI_API_KEY"}},
    "anthropic": {"api": "anthropic", "key": {"secret": {"name": "anthropic", "key": "api-key"}}},
    "groq": {"api": "openai-compatible", "url": "https://api.example.com/openai/v1/"},
}


def fleet(**parts: Any) -> Fleet:
    """A fleet of the given parts; models are `name: {placement: (cluster, engine, replicas, ...)}` elsewhere."""
    return Fleet.model_validate(
        {"apiVersion": "fleetgen/v1", "name": "acme", "clusters": CLUSTERS, "providers": PROVIDERS, **parts}
    )


def model(*placements: str, task: str = "chat") -> dict[str, Any]:
    """A model of the spec with placements called as the clusters they stand in, or `cluster:name`."""
    split = [text.partition(":") for text in placements]
    return {"task": task, "placements": {name or cluster: {"cluster": cluster} for cluster, _, name in split}}


def placements(spec: Fleet, **engines: str) -> list[PlacementPlan]:
    """Every placement of the fleet, decided; `engines` names a model's engine when it is not vLLM."""
    return [
        placement(name, key, item.cluster, engines.get(name.replace("-", "_"), "vllm"), host_port=item.host_port or 0)
        for name, served in spec.models.items()
        for key, item in served.placements.items()
    ]


def placement(
    name: str, key: str, cluster: str, engine: str = "vllm", *, replicas: int = 1, **changes: Any
) -> PlacementPlan:
    """One decided placement that serves `name` on the engine's usual port, bare of what routes do not read."""
    served = "qwen3:0.6b" if engine == "ollama" else name
    workload = plans.workload(served, engine, PORTS[engine])
    return plans.placement(cluster, name, key, workload, max_replicas=replicas, **changes)


def plan(spec: Fleet, items: list[PlacementPlan] | None = None) -> tuple[Plan, Findings]:
    """A plan that holds the fleet's gateways only, and what was found."""
    findings = Findings()
    gateways = decide.gateways(spec, placements(spec) if items is None else items, Secrets(spec), findings)
    return plans.plan(gateways=gateways), findings


def gateway(spec: Fleet, items: list[PlacementPlan] | None = None) -> GatewayPlan:
    """The fleet's only gateway."""
    [only] = plan(spec, items)[0].gateways
    return only


def found(findings: Findings) -> list[tuple[str, tuple[str | int, ...]]]:
    """Ids and places of what was found."""
    return [(finding.id, finding.path) for finding in findings]


def by_id(findings: Findings) -> Mapping[str, str]:
    """What was found, as text by id; the last one of each."""
    return {finding.id: f"{finding.message}: {finding.cause}" for finding in findings}
