"""Placements of every shape that the chart knows, for tests of the Helm target that no stack happens to cover."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from generator.core.plan import (
    Autoscaling,
    ClusterPlan,
    Container,
    Disruption,
    ImageRef,
    Mount,
    PatchPlan,
    PlacementPlan,
    Plan,
    Port,
    Probe,
    ProbeTiming,
    ResourcePlan,
    Rollout,
    SecretRef,
    Security,
    Shutdown,
    TolerationPlan,
    Volume,
    Workload,
)
from generator.resolve.placements.shipped import with_files
from tests import plans

VLLM = ImageRef("vllm/vllm-openai", "v0.33.0")
OLLAMA = ImageRef("ollama/ollama", "0.32.15")
QUERY = 'sum(vllm:num_requests_waiting{namespace="inference",pod=~"chat-l4-[a-z0-9]+"})'
AUTOSCALING = Autoscaling("http://prometheus.monitoring:9090", QUERY, 12, 15, 300)


def workload(**changes: Any) -> Workload:
    """A vLLM-like server on one GPU."""
    env: Mapping[str, str | SecretRef] = {
        "HF_TOKEN": SecretRef("HF_TOKEN", "hf", "token"),
        "LEVEL": "on",
        "A": "$(B)$$",
    }
    mounts = (Mount("cache", "/home/vllm"), Mount("shm", "/dev/shm"))
    wanted: dict[str, Any] = {
        "main": Container("vllm", VLLM, ("Qwen/Qwen3-14B", "--shutdown-timeout", "60"), env=env, mounts=mounts),
        "timing": ProbeTiming(startup_s=905),
        "shutdown": Shutdown(15, 60, 105),
        "resources": ResourcePlan(1, "4", 24.0, 24.0, 32.0),
        "security": Security(2000, 0),
        "volumes": (Volume("cache", "cache", 60.0), Volume("shm", "memory", 2.0)),
        "metrics_path": "/metrics",
        "waiting_metric": "vllm:num_requests_waiting",
    }
    return plans.workload("chat", **{**wanted, **changes})


def placement(name: str = "l4", **changes: Any) -> PlacementPlan:
    """One replica of model `chat` in pool l4 of cluster use1."""
    wanted: dict[str, Any] = {
        "pool": "l4",
        "workload": workload(),
        "disruption": Disruption(1),
        "node_selector": {"fleetgen.dev/pool": "l4"},
        "tolerations": (TolerationPlan("nvidia.com/gpu", "Equal", "present", "NoSchedule"),),
        "storage_class": "gp3",
    }
    return plans.placement("use1", "chat", name, **{**wanted, **changes})


def cluster(**changes: Any) -> ClusterPlan:
    """An EKS cluster that has everything."""
    wanted: dict[str, Any] = {
        "has": frozenset({"keda", "prometheus-operator"}),
        "storage_class": "gp3",
        "monitor_labels": {"release": "kube-prometheus"},
    }
    return plans.cluster("use1", "eks", **{**wanted, **changes})


def plan(*placements: PlacementPlan, **changes: Any) -> Plan:
    """A fleet of these placements in cluster use1."""
    return plans.plan(cluster(), placements=placements, **changes)


def on_cpu() -> Workload:
    """An Ollama-like server without a GPU, as root, that an init container pulls for."""
    pull = Container("pull", OLLAMA, command=("/bin/sh", "-c", "ollama serve &\nx=$!\n"))
    alive = Probe("exec", command=("ollama", "list"))
    return workload(
        main=Container("ollama", OLLAMA, ("serve",), mounts=(Mount("cache", "/root/.ollama"),)),
        ports=(Port("http", 11434),),
        probe=alive,
        liveness=alive,
        resources=ResourcePlan(0, "500m", 1.5),
        security=Security(),
        volumes=(Volume("cache", "cache", 20.0),),
        init=(pull,),
        metrics_path="",
    )


def from_claim() -> Workload:
    """Weights from a folder of a claim, an image by digest, and a user as OpenShift numbers them."""
    mounts = (Mount("weights", "/models", read_only=True, sub_path="qwen3"), Mount("tmp", "/tmp"))
    return workload(
        main=Container("vllm", replace(VLLM, digest="sha256:" + "ab" * 32), ("/models",), mounts=mounts),
        volumes=(Volume("weights", "claim", ref="weights/qwen3"), Volume("tmp", "scratch")),
        security=Security(1_000_650_000, 0),
    )


def from_host() -> Workload:
    """Weights from a folder of the node."""
    main = Container("vllm", VLLM, ("/models",), mounts=(Mount("weights", "/models"),))
    return workload(main=main, volumes=(Volume("weights", "host", ref="/srv/models"),))


def shared(**changes: Any) -> Workload:
    """Weights in one claim for all replicas, which a job fills before their servers start."""
    whole, part = Mount("weights", "/models"), Mount("weights", "/models", read_only=True)
    token: Mapping[str, str | SecretRef] = {
        "HF_TOKEN": SecretRef("HF_TOKEN", "hf", "token"),
        "HF_HUB_OFFLINE": "0",
    }
    wanted: dict[str, Any] = {
        "main": Container("vllm", VLLM, ("Qwen/Qwen3-14B",), mounts=(Mount("cache", "/home/vllm"), part)),
        "volumes": (Volume("cache", "cache", 10.0), Volume("weights", "shared", 100.0, "efs")),
        "init": (Container("weights", VLLM, command=("/bin/sh", "-c", "sleep 1"), mounts=(part,)),),
        "jobs": (Container("weights", VLLM, command=("python3", "-c", "x = 1\n"), env=token, mounts=(whole,)),),
        "jobs_s": 600,
    }
    return workload(**{**wanted, **changes})


FILES = {
    "tools.jinja": "{% for m in messages %}\r\n\t{{ m }} $(HOME) $$ {{ `x` }}: Grüße 世界 \n\n{% endfor %}  ".encode(),
    "empty": b"",
    "no.text": b"\x00\xff\x80" * 50,
}
"""Bytes that a text format would change: ends of lines, tabs, dollars, braces of templates, what is no text."""


def shapes() -> Plan:
    """One placement of each shape: claims of all kinds, CPU only, scaled, patched."""
    patch = PatchPlan(("patches", 0), "helm", {"podAnnotations": {"team": "chat"}, "runtimeClassName": "nvidia"})
    return plan(
        placement("alone"),
        placement("alone-recreated", rollout=Rollout(0, 1, recreate=True)),
        placement("claim", workload=from_claim(), max_replicas=2, min_replicas=2, priority_class="high"),
        placement("cpu", workload=on_cpu(), storage_class="", node_selector={}, tolerations=(), pool=""),
        placement("host", workload=from_host(), disruption=None, service_account="shared", rollout=Rollout(1, 0)),
        placement("files", workload=with_files(workload(), FILES), storage_class=""),
        placement("idle", autoscaling=AUTOSCALING, min_replicas=0, max_replicas=1),
        placement("patched", patches=(patch,), storage_class=""),
        placement("scaled", autoscaling=AUTOSCALING, max_replicas=4),
        placement("shared", workload=shared(), min_replicas=2, max_replicas=2, rollout=Rollout(1, 0)),
        pull_secret="regcred",
    )
