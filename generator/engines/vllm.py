"""vLLM: an OpenAI-style server on GPUs, told everything on its command line."""

from collections.abc import Iterable, Iterator

from generator.catalog import reader
from generator.core.finding import Finding
from generator.core.kinds import engines as kinds
from generator.core.plan import Container, Security, ServingRequest, Workload
from generator.engines import checks, common

PORT = 8000
# The image has this user, with group 0 as OpenShift wants it. Its home exists and belongs to it, so a fresh volume
# mounted there is writable; one mounted on a folder that the image lacks would belong to root.
USER, GROUP, HOME = 2000, 0, "/home/vllm"
DEFAULTS = {
    "disable-access-log-for-endpoints": "/health,/metrics,/ping",
}
"""Arguments that are written out although the user may choose others."""

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
REQUIRES = {"enable-auto-tool-choice": "tool-call-parser", "enable-log-outputs": "enable-log-requests"}
PLUGINS = {"tool-call-parser": "tool-parser-plugin", "reasoning-parser": "reasoning-parser-plugin"}


class Vllm:
    """The engine protocol for vLLM."""

    def check(self, request: ServingRequest) -> Iterable[Finding]:
        """What vLLM cannot do of what was asked."""
        return checks.judge(request, OWN, _incomplete, free_values=_with_plugin(request))

    def workload(self, request: ServingRequest) -> Workload:
        """One container that serves the model on port 8000."""
        volumes, mounts = common.storage(request, HOME)
        main = Container(
            name="vllm",
            image=request.image,
            args=tuple(_arguments(request)),
            env=_environment(request),
            mounts=mounts,
        )
        return Workload(
            engine="vllm",
            main=main,
            ports=(common.http_port(PORT),),
            probe=common.http_probe("/health"),
            liveness=common.http_probe("/health"),
            timing=request.timing,
            shutdown=request.shutdown,
            resources=request.resources,
            security=Security(USER, GROUP),
            volumes=volumes,
            served_names=(request.model,),
            metrics_path="/metrics",
            running_metric="vllm:num_requests_running",
            waiting_metric="vllm:num_requests_waiting",
        )


def _arguments(request: ServingRequest) -> Iterator[str]:
    facts = reader.engine("vllm").versions[request.version]
    yield common.model_argument(request)
    yield from ("--served-model-name", request.model)
    if request.source.revision:
        yield from ("--revision", request.source.revision)
    if request.task != "chat":
        yield from ("--runner", "pooling")
    yield from ("--port", str(PORT))
    yield from ("--tensor-parallel-size", str(request.tensor_parallel))
    yield from ("--max-model-len", str(request.context))
    yield from ("--max-num-seqs", str(request.concurrency))
    if method := _quantization(request):
        yield from ("--quantization", method)
    yield from ("--shutdown-timeout", str(request.shutdown.drain_s))
    yield from common.command_line({**_defaults(request), **request.args}, facts)


def _quantization(request: ServingRequest) -> str:
    """The argument's value; empty where the weights say it themselves, for naming it twice can only disagree."""
    known = reader.model(request.source.ref)
    if known and known.quantization == request.quantization:
        return ""
    return reader.engine("vllm").versions[request.version].quantizations[request.quantization]


def _defaults(request: ServingRequest) -> dict[str, object]:
    defaults: dict[str, object] = dict(DEFAULTS)
    if request.utilization:
        defaults["gpu-memory-utilization"] = request.utilization
    if request.batched_tokens:
        defaults["max-num-batched-tokens"] = request.batched_tokens
    if request.source.kind == "s3":
        defaults["load-format"] = "runai_streamer"
    return defaults


def _environment(request: ServingRequest) -> common.Env:
    return common.environment(
        {
            "HOME": HOME,
            "HF_HOME": f"{HOME}/.cache/huggingface",
            "VLLM_CACHE_ROOT": f"{HOME}/.cache/vllm",
            "HF_TOKEN": request.source.token,
            "VLLM_API_KEY": request.api_key,
            # Front ends of their own (`api-server-count`) would give up after ten minutes, before the startup probe.
            "VLLM_ENGINE_READY_TIMEOUT_S": str(request.timing.startup_s),
            "VLLM_NO_USAGE_STATS": "1",
            "DO_NOT_TRACK": "1",
        },
        request,
    )


def _with_plugin(request: ServingRequest) -> frozenset[str]:
    """Arguments whose choices a plugin extends."""
    return frozenset(name for name, plugin in PLUGINS.items() if plugin in request.args)


def _incomplete(request: ServingRequest) -> Iterator[Finding]:
    """Arguments that make vLLM stop unless another one stands beside them."""
    for name, other in REQUIRES.items():
        if request.args.get(name) is True and not request.args.get(other):
            yield kinds.ARGUMENT_NEEDS_ANOTHER.at(
                checks.argument_path(request, name),
                f"`{name}` needs `{other}`",
                cause=f"vLLM {request.version} refuses to start with --{name} and no --{other}",
                help=f"add `{other}` to `engine.args`",
                on_key=True,
            )


VLLM = Vllm()
