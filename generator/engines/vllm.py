"""vLLM: an OpenAI-style server on GPUs, told everything on its command line."""

from collections.abc import Iterable, Iterator, Mapping

from generator.catalog import reader
from generator.catalog.facts import EngineVersion
from generator.core.finding import Finding
from generator.core.kinds import engines as kinds
from generator.core.plan import Container, Security, ServingRequest, Workload
from generator.core.tasks import generates
from generator.engines import checks, common, limits, places, weights

PORT = 8000
UTILIZATION = ("gpu-memory-utilization", "device-memory-utilization")
"""One argument under two names, as far as a version has them."""
GRACEFUL = "shutdown-timeout"
"""The argument without which a version cuts the requests in flight when it is told to stop."""

_ONE_NODE = "nothing: a replica is one node, with the GPUs that `tensorParallel` says"

OWN = checks.SetByGen(
    engine="vllm",
    arguments={
        "model": "`source`",
        "served-model-name": "the model's name in `models`",
        "revision": "`source.revision`",
        "hf-token": "`source.token`",
        "runner": "`task`",
        "tensor-parallel-size": "`tensorParallel`",
        "max-model-len": "`context`",
        "max-num-seqs": "`concurrency`",
        "quantization": "`quantization`",
        "task": "`task`",
        "api-key": "the cluster's `endpoint.key`",
        "shutdown-timeout": "the routes' `timeouts.total`",
        "pipeline-parallel-size": _ONE_NODE,
        "data-parallel-size": "`replicas`",
        "data-parallel-size-local": "`replicas`",
        "nnodes": _ONE_NODE,
        "node-rank": _ONE_NODE,
        "master-addr": _ONE_NODE,
        "master-port": _ONE_NODE,
        "headless": _ONE_NODE,
        "device-ids": "the placement's `devices`",
        "config": "nothing: a file would hide arguments from the checks; write them in `engine.args`",
        "host": "nothing: services and probes reach the engine on all addresses",
        "port": f"nothing: the engine listens on {PORT} and services map it",
        "uds": f"nothing: the engine listens on port {PORT}",
        "grpc": "nothing: gateways speak HTTP",
        "ssl-keyfile": "nothing: TLS ends in front of the engine, and probes speak HTTP",
        "ssl-certfile": "nothing: TLS ends in front of the engine, and probes speak HTTP",
    },
    variables={
        "HF_TOKEN": "`source.token`",
        "VLLM_API_KEY": "the cluster's `endpoint.key`",
        "HF_HOME": "nothing: it is the cache volume",
        "VLLM_CACHE_ROOT": "nothing: it is the cache volume",
        "HOME": "nothing: it is the cache volume",
        "VLLM_PORT": "nothing: vLLM uses it between its own processes",
        "VLLM_HOST_IP": "nothing: vLLM uses it between its own processes",
        "VLLM_SERVER_DEV_MODE": "nothing: it opens endpoints that stop and change the server",
    },
)
FROM_HUB = (
    "default-mm-loras",
    "generation-config",
    "hf-config-path",
    "lora-modules",
    "spec-model",
    "speculative-config",
    "tokenizer",
    "trust-remote-code",
)
"""Arguments that may name a repository beside the model's."""
LOAD_FORMAT, OTHER_HUB = "load-format", "VLLM_USE_MODELSCOPE"
RUNTIME_ADAPTERS = "VLLM_ALLOW_RUNTIME_LORA_UPDATING"
PLUGINS = {"tool-call-parser": "tool-parser-plugin", "reasoning-parser": "reasoning-parser-plugin"}


class Vllm:
    """The engine protocol for vLLM."""

    def check(self, request: ServingRequest) -> Iterable[Finding]:
        """What vLLM cannot do of what was asked."""
        return checks.judge(request, OWN, _further, free_values=_with_plugin(request))

    def unshared(self, args: Mapping[str, object], env: Mapping[str, object]) -> tuple[str, str]:
        """Weights from another hub, and files of a form that the job leaves out."""
        if args.get(LOAD_FORMAT, "auto") != "auto":
            return f"args.{LOAD_FORMAT}", f"`{LOAD_FORMAT}` may want files that the job does not fetch"
        if OTHER_HUB in env:
            return f"env.{OTHER_HUB}", f"`{OTHER_HUB}` names another hub than the job's"
        return "", ""

    def workload(self, request: ServingRequest) -> Workload:
        """One container that serves the model on port 8000."""
        facts = common.facts("vllm", request)
        volumes, mounts = common.storage(request, facts.home)
        main = Container(
            name="vllm",
            image=request.image,
            args=tuple(_arguments(request, facts)),
            env=_environment(request, facts),
            mounts=mounts,
        )
        return Workload(
            engine="vllm",
            main=main,
            ports=(common.http_port(PORT),),
            probe=common.http_probe("/health"),
            liveness=common.http_probe("/health"),
            timing=request.timing,
            shutdown=request.shutdown if GRACEFUL in facts.flags else common.outlasting(request),
            resources=request.resources,
            security=Security(facts.user, facts.group),
            volumes=volumes,
            served_names=(request.model,),
            metrics_path="/metrics",
            running_metric=facts.metrics["running"],
            waiting_metric=facts.metrics["waiting"],
            init=common.waits(request),
            jobs=common.fetches(request, "python3"),
            jobs_s=request.shared.fetch_s if request.shared else 0,
        )


def _arguments(request: ServingRequest, facts: EngineVersion) -> Iterator[str]:
    yield common.model_argument(request)
    yield from common.options(_decided(request, facts), facts)
    yield from common.command_line({**_defaults(request, facts), **request.args}, facts)


def _decided(request: ServingRequest, facts: EngineVersion) -> dict[str, object]:
    """What follows from the spec, and what no user sets; empty where it is not to be written."""
    return {
        "served-model-name": request.model,
        "revision": "" if request.shared else request.source.revision,
        "runner": "" if generates(request.task) else "pooling",
        "port": PORT,
        "tensor-parallel-size": request.tensor_parallel,
        "max-model-len": request.context,
        "max-num-seqs": request.concurrency,
        "quantization": _quantization(request, facts),
        GRACEFUL: request.shutdown.drain_s,
    }


def _quantization(request: ServingRequest, facts: EngineVersion) -> str:
    """The argument's value; empty where the weights say it themselves, for naming it twice can only disagree."""
    known = reader.model(request.source.ref)
    if known and known.quantization == request.quantization:
        return ""
    return facts.quantizations[request.quantization]


def _defaults(request: ServingRequest, facts: EngineVersion) -> dict[str, object]:
    """What is written out although the user may choose otherwise, as far as this version has it."""
    utilization = request.utilization or facts.defaults["gpu-memory-utilization"]
    wanted: dict[str, object] = {
        "disable-access-log-for-endpoints": "/health,/metrics,/ping",
        "gpu-memory-utilization": "" if any(name in request.args for name in UTILIZATION) else utilization,
        "load-format": "runai_streamer" if request.source.kind == "s3" else "",
        "max-num-batched-tokens": request.batched_tokens or "",
    }
    return {name: value for name, value in wanted.items() if value != "" and name in facts.flags}


def _environment(request: ServingRequest, facts: EngineVersion) -> common.Env:
    own = {
        "HOME": facts.home,
        "HF_HOME": f"{facts.home}/.cache/huggingface",
        "VLLM_CACHE_ROOT": f"{facts.home}/.cache/vllm",
        "HF_HUB_OFFLINE": None if RUNTIME_ADAPTERS in request.env else common.offline(request, FROM_HUB),
        "HF_TOKEN": request.source.token,
        "VLLM_API_KEY": request.api_key,
        # Front ends of their own (`api-server-count`) would give up after ten minutes, before the startup probe.
        "VLLM_ENGINE_READY_TIMEOUT_S": str(request.timing.startup_s),
        "VLLM_NO_USAGE_STATS": "1",
        **_older_driver(request, facts),
        "DO_NOT_TRACK": "1",
    }
    understood = {name: value for name, value in own.items() if name in facts.variables or "VLLM_" not in name}
    return common.environment(understood, request)


def _older_driver(request: ServingRequest, facts: EngineVersion) -> dict[str, str]:
    """What makes an image run on a driver that is older than its CUDA; nothing where the user says it."""
    older = facts.older_driver <= request.driver < facts.driver
    return {facts.older_variable: "1"} if older and facts.older_variable not in request.env else {}


def _with_plugin(request: ServingRequest) -> frozenset[str]:
    """Arguments whose choices a plugin extends."""
    return frozenset(name for name, plugin in PLUGINS.items() if plugin in request.args)


def _abrupt(request: ServingRequest) -> Iterator[Finding]:
    versions, facts = reader.engine("vllm").versions, common.facts("vllm", request)
    if GRACEFUL not in {*facts.flags, *facts.maybe}:
        first = next(version for version in reversed(list(versions)) if GRACEFUL in versions[version].flags)
        waits = f"each pod waits {request.shutdown.drain_s} s before" if request.kubernetes else "nothing waits before"
        yield kinds.REQUESTS_CUT.at(
            request.at.get("engine.version", places.place(request, "engine")),
            f"vLLM {request.version} cuts the requests in flight when it is told to stop",
            cause=f"it has no `{GRACEFUL}`, and ends on SIGTERM at once; {waits}",
            help=f"say `version: {first}` or a newer one",
        )


def _step(request: ServingRequest) -> Iterator[Finding]:
    """A step holds a token of each request, and a whole prompt where prompts are not read in parts."""
    if request.args.get("enable-chunked-prefill") is False and request.context > request.concurrency:
        least, other = request.context, "leave `enable-chunked-prefill` out"
        cause = f"without chunked prefill a step holds a whole prompt, and `context` is {least}"
    else:
        least, other = request.concurrency, "lower `concurrency`"
        cause = f"a step holds a token of each request, and `concurrency` is {least}"
    yield from limits.at_least(request, "max-num-batched-tokens", least, cause, other)


def _further(request: ServingRequest) -> Iterator[Finding]:
    """Numbers with which vLLM stops at start-up, and requests that nobody finishes."""
    yield from _abrupt(request)
    yield from weights.repository(request, OWN.engine)
    yield from weights.dtype(request, OWN.engine)
    yield from limits.shares(request, UTILIZATION)
    yield from _step(request)


VLLM = Vllm()
