"""Requests to engines and plans of docker hosts, built by hand, for the tests of engines and of the Compose target."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from generator.core.lazy import load
from generator.core.plan import (
    Backend,
    ClusterPlan,
    GatewayPlan,
    ImageRef,
    PlacementPlan,
    Plan,
    ProbeTiming,
    ResourcePlan,
    RoutePlan,
    SecretRef,
    ServingRequest,
    Shutdown,
    SourcePlan,
    Tier,
    TimeoutPlan,
)
from generator.engines import ENGINES
from tests import plans

TOKEN = SecretRef(env="HF_TOKEN", secret="hf", key="token")
DESK_KEY = SecretRef(env="DESK_KEY", secret="acme-env", key="DESK_KEY")
SETTINGS = ("source", "engine", "quantization", "context", "concurrency", "env")

_VLLM = ServingRequest(
    path=("models", "chat", "placements", "desk"),
    at={name: ("models", "chat", name) for name in SETTINGS},
    model="chat",
    placement="desk",
    kubernetes=False,
    task="chat",
    source=SourcePlan("huggingface", "Qwen/Qwen3-14B-AWQ", token=TOKEN),
    version="0.33.0",
    image=ImageRef("vllm/vllm-openai", "v0.33.0"),
    args={},
    env={},
    quantization="awq",
    context=16384,
    concurrency=16,
    tensor_parallel=1,
    gpus=1,
    gpu="rtx-4090",
    weights_gib=9.4,
    max_context=40960,
    api_key=None,
    timing=ProbeTiming(startup_s=660),
    shutdown=Shutdown(pre_stop_s=0, drain_s=120, grace_s=150),
    resources=ResourcePlan(gpus=1),
    cache_gib=30.0,
    shm_gib=2.0,
)
REQUESTS = {
    "vllm": _VLLM,
    "tgi": replace(
        _VLLM,
        version="3.3.7",
        image=ImageRef("ghcr.io/huggingface/text-generation-inference", "3.3.7"),
    ),
    "ollama": replace(
        _VLLM,
        version="0.32.15",
        image=ImageRef("ollama/ollama", "0.32.15"),
        source=SourcePlan("ollama", "qwen3:0.6b"),
        quantization="none",
        gpus=0,
        gpu="",
        resources=ResourcePlan(),
    ),
}


def request(engine: str = "vllm", **changes: Any) -> ServingRequest:
    """A request that the engine can serve, with changes."""
    return replace(REQUESTS[engine], **changes)


def placement(engine: str = "vllm", *, name: str = "desk", replicas: int = 1, **changes: Any) -> PlacementPlan:
    """A placement on a docker host. `asked` changes the request; the other changes are of the plan."""
    asked = request(engine, placement=name, **changes.pop("asked", {}))
    model = changes.pop("model", asked.model)
    asked = replace(asked, model=model)
    first = changes.pop("first_gpu", 0)
    gpus = asked.resources.gpus
    ids = tuple(tuple(str(first + number * gpus + rank) for rank in range(gpus)) for number in range(replicas))
    wanted: dict[str, Any] = {
        "pool": "gpu" if gpus else "",
        "workload": load(ENGINES[engine]).workload(asked),
        "min_replicas": replicas,
        "max_replicas": replicas,
        "device_ids": ids if gpus else (),
        "context": asked.context,
        "concurrency": asked.concurrency,
    }
    return plans.placement("desk", model, name, **{**wanted, **changes})


def cluster(**changes: Any) -> ClusterPlan:
    """The docker host `desk`."""
    return plans.cluster("desk", "docker", **changes)


def gateway(placements: Sequence[PlacementPlan], **changes: Any) -> GatewayPlan:
    """A LiteLLM gateway on `desk` with one route to the placements, then to a provider."""
    own = tuple(
        Backend(
            ("routes", "chat"), "openai", "", item.model, DESK_KEY, 1, 0, 0, fleet_model=item.model, placement=item.name
        )
        for item in placements
    )
    key = SecretRef("OPENAI_API_KEY", "acme-env", "OPENAI_API_KEY")
    provider = Backend(("routes", "chat"), "openai", "", "gpt-5-mini", key, 1, 0, 0, provider="openai")
    route = RoutePlan(
        name="chat",
        path=("routes", "chat"),
        task="chat",
        tiers=(Tier("chat", own), Tier("chat", (provider,))),
        timeouts=TimeoutPlan(3, 30, 60, 600),
        max_retries=1,
        backoff_base_s=0.25,
        backoff_max_s=4,
        fallback_on=("connect",),
        context=None,
    )
    plan = GatewayPlan(
        name="edge",
        path=("gateways", "edge"),
        kind="litellm",
        version="1.109.1",
        image=ImageRef("ghcr.io/berriai/litellm", "v1.109.1"),
        cluster="desk",
        host_port=4000,
        master_key=SecretRef("LITELLM_MASTER_KEY", "acme-env", "LITELLM_MASTER_KEY"),
        database=None,
        routes=(route,),
        tenants=(),
    )
    return replace(plan, **changes)


def plan(*placements: PlacementPlan, **changes: Any) -> Plan:
    """A fleet with one docker host that runs the placements."""
    return plans.plan(cluster(), placements=placements, **changes)
