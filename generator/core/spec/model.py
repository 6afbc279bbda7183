"""Models and their placements: what is served, by which engine, where."""

from typing import Annotated, Literal

from pydantic import Field

from generator.core.spec.base import (
    Configuration,
    Cpu,
    EnvName,
    FileName,
    Labels,
    Name,
    Port,
    Secret,
    Size,
    SpecModel,
    Text,
    spec_field,
)
from generator.core.spec.pool import Shorthand

Quantization = Literal["none", "fp8", "awq", "gptq", "bitsandbytes", "gguf", "mxfp4", "nvfp4", "compressed-tensors"]
Argument = bool | int | float | str | list[str]
_PLACES = ("huggingface", "path", "pvc", "s3", "ollama")


class Source(SpecModel):
    """Where the weights come from, exactly one of the five places, and what they are where the catalogue does not know.

    What is said here goes before the catalogue.
    """

    huggingface: Text | None = spec_field(
        None, "Repository on the Hugging Face hub.", changes="engine's model argument", examples=["Qwen/Qwen3-14B-AWQ"]
    )
    path: Text | None = spec_field(
        None,
        "Folder on the host or node. Of a snapshot in Hugging Face's cache the repository's whole folder is mounted, "
        "since its files are links.",
        changes="bind mount or hostPath, model argument",
        examples=["/srv/models/qwen3"],
    )
    pvc: Text | None = spec_field(
        None,
        "Claim that holds the weights, `claim/folder`.",
        changes="helm: volume, model argument",
        examples=["weights/qwen3"],
    )
    s3: Text | None = spec_field(
        None,
        "Object-store folder; vLLM streams it.",
        changes="vLLM: model argument, load format",
        examples=["s3://models/qwen3"],
    )
    ollama: Text | None = spec_field(
        None, "Tag of Ollama's library.", changes="compose, helm: what is pulled", examples=["qwen3:0.6b"]
    )
    revision: Text | None = spec_field(
        None,
        "Commit of the repository.",
        changes="engine's revision argument",
        examples=["0123abcd0123abcd0123abcd0123abcd0123abcd"],
    )
    token: Secret | None = spec_field(
        None,
        "Token for gated weights.",
        changes="HF_TOKEN from its secret",
        examples=[{"secret": {"name": "hf", "key": "token"}}],
    )
    config: Configuration | None = spec_field(
        None,
        "The model's `config.json`, for weights that the catalogue does not know: its path, from the spec's folder, or "
        "what it holds.",
        changes="what follows from the model's size: startup probe, cache size, checks",
        examples=["models/private-14b/config.json"],
    )
    base: Text | None = spec_field(
        None,
        "Model of the catalogue whose architecture these weights have, of a fine-tune or another quantisation.",
        changes="what follows from the model's size: startup probe, cache size, checks",
        examples=["Qwen/Qwen3-14B"],
    )
    weights: Size | None = spec_field(
        None,
        "Size of all files of the weights; computed from the parameters when missing.",
        changes="what follows from the model's size: startup probe, cache size",
        examples=["28Gi"],
    )

    @property
    def places(self) -> list[str]:
        """The places that are given, by name; one when the source is right."""
        return [name for name in _PLACES if getattr(self, name) is not None]


class Engine(SpecModel):
    """What runs the model."""

    name: Text | None = spec_field(None, "Engine.", changes="image, arguments, probes")
    version: Text | None = spec_field(
        None, "Version; the catalogue's newest when missing.", changes="image tag, arguments", examples=["0.33.0"]
    )
    args: dict[Text, Argument] = spec_field(
        {},
        "Arguments of the engine's command line (of its environment for Ollama), without the dashes.",
        changes="container arguments (environment for Ollama)",
        examples=[{"enable-prefix-caching": True}],
    )


class Image(SpecModel):
    """Another image than the engine's own."""

    repository: Text | None = spec_field(
        None, "Repository.", changes="image", examples=["registry.example.com/vllm-openai"]
    )
    tag: Text | None = spec_field(None, "Tag.", changes="image", examples=["v0.33.0"])
    digest: Annotated[str, Field(pattern=r"^sha256:[0-9a-f]{64}$")] | None = spec_field(
        None, "Digest; it wins over the tag.", changes="image"
    )


class Resources(SpecModel):
    """CPU and memory of the container; GPUs follow from tensorParallel."""

    cpu: Cpu | None = spec_field(None, "CPU request.", changes="helm: requests; compose: limits", examples=["4"])
    memory: Size | None = spec_field(
        None, "Memory request and limit.", changes="helm: requests and limits; compose: limits", examples=["24Gi"]
    )


class Toleration(SpecModel):
    """A further toleration."""

    key: Text = spec_field(..., "Taint key.", changes="helm: tolerations")
    operator: Literal["Exists", "Equal"] = spec_field(
        "Equal", "How the value is compared.", changes="helm: tolerations"
    )
    value: str = spec_field("", "Taint value.", changes="helm: tolerations")
    effect: Literal["", "NoSchedule", "PreferNoSchedule", "NoExecute"] = spec_field(
        "", "Taint effect; empty means all.", changes="helm: tolerations"
    )


class ModelSettings(SpecModel):
    """Settings that `defaults` gives, a model overrides and a placement overrides again, key by key."""

    source: Source | None = spec_field(None, "Where the weights come from.", changes="model argument, volumes")
    engine: Engine | None = spec_field(None, "What runs the model.", changes="image, arguments, probes")
    quantization: Quantization | None = spec_field(
        None, "How the weights are stored; `none` means as published.", changes="engine's quantisation argument"
    )
    context: Annotated[int, Field(ge=128, le=10_000_000)] | None = spec_field(
        None, "Longest prompt plus answer, tokens.", changes="engine's context argument", examples=[16384]
    )
    concurrency: Annotated[int, Field(ge=1, le=100_000)] | None = spec_field(
        None, "Requests one replica runs at once.", changes="engine's batch argument; KEDA threshold", examples=[16]
    )
    tensor_parallel: Annotated[int, Field(ge=1, le=16)] | None = spec_field(
        None, "GPUs that share one replica.", changes="engine's argument, GPU limits, devices", examples=[2]
    )
    env: dict[EnvName, str] = spec_field(
        {},
        "Further environment variables; secrets belong in `secretEnv`.",
        changes="container environment",
        examples=[{"VLLM_LOGGING_LEVEL": "INFO"}],
    )
    secret_env: dict[EnvName, Secret] = spec_field(
        {},
        "Further environment variables from secrets.",
        changes="container environment; .env.example",
        examples=[{"AWS_SECRET_ACCESS_KEY": {"secret": {"name": "s3", "key": "secret-key"}}}],
    )
    files: dict[FileName, Text] = spec_field(
        {},
        "Small files, by the name that each gets in the container's folder `/files`: their paths from the spec's "
        "folder. One has 256 KiB at most, all of a replica 512 KiB.",
        changes="helm: a ConfigMap, mounted read-only; compose: files beside the project, mounted read-only",
        examples=[{"chat-template.jinja": "templates/qwen3.jinja"}],
    )
    resources: Resources | None = spec_field(
        None, "CPU and memory.", changes="helm: resources; compose: deploy.resources.limits"
    )
    image: Image | None = spec_field(None, "Another image.", changes="image")
    node_selector: Labels = spec_field({}, "Further node labels to ask for.", changes="helm: nodeSelector")
    tolerations: list[Toleration] = spec_field([], "Further tolerations.", changes="helm: tolerations")
    priority_class: Name | None = spec_field(None, "PriorityClass.", changes="helm: priorityClassName")
    service_account: Name | None = spec_field(
        None, "An existing ServiceAccount; one is created when missing.", changes="helm: serviceAccountName"
    )


class Replicas(SpecModel):
    """How many copies run."""

    min: Annotated[int, Field(ge=0, le=1000)] = spec_field(
        ..., "Replicas at least; scaling from zero is not supported yet.", changes="helm: replicas", examples=[1]
    )
    max: Annotated[int, Field(ge=1, le=1000)] = spec_field(
        ..., "Replicas at most.", changes="helm: ScaledObject's maximum", examples=[4]
    )
    target: Annotated[int, Field(ge=1, le=100_000)] | None = spec_field(
        None,
        "Requests, waiting ones included, for which one replica is there; from the memory budget when missing.",
        changes="helm: ScaledObject's threshold",
        examples=[12],
    )


class Placement(ModelSettings):
    """A deployment of the model in one pool. It may override any setting of the model."""

    cluster: Name = spec_field(..., "Cluster.", changes="which files the placement appears in")
    pool: Name | None = spec_field(
        None,
        "Pool; without one the model runs on CPUs.",
        changes="helm: nodeSelector, tolerations, GPUs; compose: devices",
    )
    replicas: Annotated[Replicas, Shorthand(1, 1000)] = spec_field(
        {"min": 1, "max": 1},
        "Copies, fixed (`1`) or a range.",
        changes="helm: replicas, ScaledObject",
        examples=[1, {"min": 1, "max": 4}],
    )
    host_port: Port | None = spec_field(
        None, "Host port on a docker cluster; unpublished when missing.", changes="compose: ports", examples=[8001]
    )
    devices: list[Annotated[int, Field(ge=0, le=15)]] = spec_field(
        [],
        "GPUs of the docker host by number; handed out in order when missing.",
        changes="compose: device_ids",
        examples=[[0]],
    )


class Model(ModelSettings):
    """A served model and its placements."""

    task: Literal["chat", "complete", "embed", "rerank"] = spec_field(
        "chat",
        "What it is asked to do. Chat models complete plain text as well; `complete` is for those without a chat "
        "template, which can do nothing else.",
        changes="engine's runner argument; litellm: mode; envoy: paths",
    )
    placements: Annotated[dict[Name, Placement], Field(min_length=1)] = spec_field(
        ..., "Deployments by name.", changes="compose services, helm releases"
    )
