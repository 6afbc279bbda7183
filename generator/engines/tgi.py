"""Text Generation Inference: Hugging Face's launcher for language models on GPUs."""

from collections.abc import Iterable, Iterator, Mapping

from generator.core.finding import Finding
from generator.core.kinds import engines as kinds
from generator.core.kinds import weights as weight_kinds
from generator.core.plan import Container, Security, ServingRequest, Workload
from generator.engines import checks, common, limits, places, weights

# The image says 80. Root without capabilities, as hardened pods run it, may not bind a port below 1024.
PORT = 8080
DATA = "/data"
# Dockerfile at db931fcf: the folder of its environment is the last one of PATH.
PYTHON = "/usr/src/.venv/bin/python"
FROM_HUB = ("lora-adapters", "tokenizer-config-path", "trust-remote-code")
"""Arguments that may name a repository beside the model's."""

RESERVED = {
    "model-id": "`source`",
    "revision": "`source.revision`",
    "num-shard": "`tensorParallel`",
    "sharded": "`tensorParallel`",
    "max-total-tokens": "`context`",
    "max-input-tokens": "`context`",
    "max-input-length": "`context`",
    "max-concurrent-requests": "`concurrency`",
    "quantize": "`quantization`",
    "api-key": "the cluster's `endpoint.key`",
    "graceful-termination-timeout": "the routes' `timeouts.total`",
    "hostname": "nothing: services and probes reach the engine on all addresses",
    "port": f"nothing: the engine listens on {PORT} and services map it",
    "huggingface-hub-cache": "nothing: it is the cache volume",
    "weights-cache-override": "nothing: it is the cache volume",
    "usage-stats": "nothing: they are off",
    "json-output": "nothing: logs are JSON",
    "ngrok": "nothing: the engine opens no tunnel",
}
OWN = checks.SetByGen(
    engine="tgi",
    arguments=RESERVED,
    # The launcher reads each argument from a variable as well.
    variables={
        **{name.upper().replace("-", "_"): field for name, field in RESERVED.items()},
        "HF_TOKEN": "`source.token`",
        "HF_HOME": "nothing: it is the cache volume",
    },
)


class Tgi:
    """The engine protocol for TGI."""

    def check(self, request: ServingRequest) -> Iterable[Finding]:
        """What TGI cannot do of what was asked."""
        return checks.judge(request, OWN, _further)

    def unshared(self, args: Mapping[str, object], env: Mapping[str, object]) -> tuple[str, str]:
        """Nothing: weights in safetensors are loaded from a folder as they are, whatever the arguments."""
        return "", ""

    def workload(self, request: ServingRequest) -> Workload:
        """One container that serves the model on port 8080."""
        facts = common.facts("tgi", request)
        volumes, mounts = common.storage(request, DATA)
        main = Container(
            name="tgi",
            image=request.image,
            args=tuple(_arguments(request)),
            env=common.environment(
                {
                    "HF_HOME": DATA,
                    "HF_HUB_OFFLINE": common.offline(request, FROM_HUB),
                    "HF_TOKEN": request.source.token,
                    "API_KEY": request.api_key,
                },
                request,
            ),
            mounts=mounts,
        )
        return Workload(
            engine="tgi",
            main=main,
            ports=(common.http_port(PORT),),
            probe=common.http_probe("/health"),
            liveness=common.http_probe("/health"),
            timing=request.timing,
            shutdown=request.shutdown,
            resources=request.resources,
            security=Security(),
            volumes=volumes,
            served_names=(request.model,),
            metrics_path="/metrics",
            running_metric=facts.metrics["running"],
            waiting_metric=facts.metrics["waiting"],
            init=common.waits(request),
            jobs=common.fetches(request, PYTHON),
            jobs_s=request.shared.fetch_s if request.shared else 0,
        )


def _arguments(request: ServingRequest) -> Iterator[str]:
    facts = common.facts("tgi", request)
    yield from ("--model-id", common.model_argument(request))
    if request.source.revision and not request.shared:
        yield from ("--revision", request.source.revision)
    # A pod's HOSTNAME variable would otherwise be read as the address to listen on.
    yield from ("--hostname", "0.0.0.0", "--port", str(PORT))  # noqa: S104 - probes and services come from outside
    yield from ("--num-shard", str(request.tensor_parallel))
    # The launcher wants room for at least one new token.
    yield from ("--max-input-tokens", str(request.context - 1), "--max-total-tokens", str(request.context))
    yield from ("--max-concurrent-requests", str(request.concurrency))
    if method := facts.quantizations[request.quantization]:
        yield from ("--quantize", method)
    yield from ("--graceful-termination-timeout", str(request.shutdown.drain_s))
    yield from ("--usage-stats", "off", "--json-output")
    yield from common.command_line(request.args, facts)


def _further(request: ServingRequest) -> Iterator[Finding]:
    yield from _split_values(request)
    yield from _one_of_two(request)
    yield from limits.shares(request, ["cuda-memory-fraction"])
    cause = f"it is for all requests together, and one may be as long as `context`, {request.context}"
    yield from limits.at_least(request, "max-batch-total-tokens", request.context, cause, "lower `context`")


def _one_of_two(request: ServingRequest) -> Iterator[Finding]:
    """Its server takes `--dtype` or `--quantize`; gen says the latter where weights are quantised."""
    method = common.facts("tgi", request).quantizations.get(request.quantization)
    if method and not method.startswith("bitsandbytes") and weights.DTYPE in request.args:
        yield weight_kinds.DTYPE_NOT_OF_WEIGHTS.at(
            places.argument_path(request, weights.DTYPE),
            f"TGI takes no `{weights.DTYPE}` for `{request.quantization}` weights",
            cause=f"it is told `--quantize {method}`, and its server stops where it is given both",
            help=f"leave `{weights.DTYPE}` out",
            on_key=True,
        )


def _split_values(request: ServingRequest) -> Iterator[Finding]:
    """Values that the image's start script would tear apart at their spaces."""
    known = common.facts("tgi", request).flags
    for name, value in request.args.items():
        if isinstance(value, str) and name in known and " " in value:
            yield kinds.ARGUMENT_VALUE.at(
                places.argument_path(request, name),
                f"`{name}` may not contain a space",
                cause="the image's start script passes its arguments on unquoted, so the value would become several",
                help=f"write it without spaces, or set the variable {name.upper().replace('-', '_')} in `env`",
            )


TGI = Tgi()
