"""Ollama: GGUF models from its library on GPUs or CPUs, configured by environment variables, pulled before use."""

from collections.abc import Iterable, Iterator, Mapping

from generator.core.finding import Finding
from generator.core.kinds import engines as kinds
from generator.core.plan import Container, Mount, Probe, Security, ServingRequest, Volume, Workload
from generator.engines import checks, common, places

PORT = 11434
HOME = "/root/.ollama"
LOCAL = f"127.0.0.1:{PORT}"
# The image has neither curl nor Python; the kubelet asks from outside, and starts no process on busy cores.
ANSWERS = common.http_probe("/")
ALIVE = Probe("exec", command=("ollama", "list"))
# A model that is there already is not asked for again: it must be able to start while the library cannot be reached.
FETCH = 'ollama show "$MODEL" >/dev/null 2>&1 || ollama pull "$MODEL"\n'
# A pull needs a server, so the init container runs its own until the pull is done.
PULL = f"""\
ollama serve &
server=$!
until ollama list >/dev/null 2>&1; do
  kill -0 "$server" || exit 1
  sleep 1
done
{FETCH}"""

OWN = checks.SetByGen(
    engine="ollama",
    arguments={
        "context-length": "`context`",
        "num-parallel": "`concurrency`",
        "host": f"nothing: the engine listens on {PORT} and services map it",
        "models": "nothing: it is the cache volume",
        "no-cloud": "nothing: models run here only",
        "sched-spread": "`tensorParallel`",
        "max-loaded-models": "nothing: one placement serves one model",
    },
    variables={},
)


class Ollama:
    """The engine protocol for Ollama."""

    def check(self, request: ServingRequest) -> Iterable[Finding]:
        """What Ollama cannot do of what was asked."""
        return checks.judge(request, OWN, _further)

    def unshared(self, args: Mapping[str, object], env: Mapping[str, object]) -> tuple[str, str]:
        """All of it: its own store has no files that a job could fetch without a server."""
        return "engine", "Ollama pulls into a store of its own, and gen does not know it to be read by several at once"

    def workload(self, request: ServingRequest) -> Workload:
        """A server on port 11434, and the pull of its model: beside it on a docker host, before it in a pod."""
        mounts = (Mount(common.CACHE, HOME),)
        probe = ANSWERS if request.kubernetes else ALIVE
        pull = _pull_before(request, mounts) if request.kubernetes else _pull_beside(request, mounts)
        return Workload(
            engine="ollama",
            main=Container("ollama", request.image, args=("serve",), env=_environment(request), mounts=mounts),
            ports=(common.http_port(PORT),),
            probe=probe,
            liveness=probe,
            timing=request.timing,
            shutdown=common.outlasting(request),
            resources=request.resources,
            security=Security(),
            volumes=(Volume(common.CACHE, "cache", size_gib=request.cache_gib),),
            served_names=(request.source.ref,),
            init=(pull,) if request.kubernetes else (),
            one_shot=() if request.kubernetes else (pull,),
        )


def _environment(request: ServingRequest) -> common.Env:
    own = {
        "OLLAMA_HOST": f"0.0.0.0:{PORT}",
        "OLLAMA_CONTEXT_LENGTH": str(request.context),
        "OLLAMA_NUM_PARALLEL": str(request.concurrency),
        "OLLAMA_MAX_LOADED_MODELS": "1",
        "OLLAMA_KEEP_ALIVE": "-1",
        "OLLAMA_NO_CLOUD": "1",
        "OLLAMA_SCHED_SPREAD": "1" if request.gpus > 1 else None,
        **_no_gpu(request.gpus),
    }
    asked = {_variable(name): _text(request.args[name]) for name in sorted(request.args)}
    return common.environment({**own, **asked}, request)


def _no_gpu(gpus: int) -> Mapping[str, str]:
    return {} if gpus else common.NO_GPU


def _pull_beside(request: ServingRequest, mounts: tuple[Mount, ...]) -> Container:
    """Asks the server, which it reaches on the address they share."""
    return _pulls(FETCH, request, mounts)


def _pull_before(request: ServingRequest, mounts: tuple[Mount, ...]) -> Container:
    """Runs a server of its own, which is gone when the real one starts."""
    return _pulls(PULL, request, mounts)


def _pulls(script: str, request: ServingRequest, mounts: tuple[Mount, ...]) -> Container:
    env: common.Env = {"OLLAMA_HOST": LOCAL, "MODEL": request.source.ref, **_no_gpu(0)}
    return Container("pull", request.image, command=("/bin/sh", "-c", script), env=env, mounts=mounts)


def _variable(name: str) -> str:
    return f"OLLAMA_{name.upper().replace('-', '_')}"


def _text(value: object) -> str:
    if isinstance(value, bool):
        return "1" if value else "0"
    return ",".join(value) if isinstance(value, tuple) else str(value)


def _further(request: ServingRequest) -> Iterator[Finding]:
    yield from _context(request)
    yield from _key(request)
    yield from _direct_variables(request)


def _context(request: ServingRequest) -> Iterator[Finding]:
    if "context" not in request.at:
        yield kinds.CONTEXT_NOT_PINNED.at(
            places.place(request, "engine"),
            f"model {request.model!r} has no `context`",
            cause="left alone, Ollama takes 4k tokens below 24 GiB of GPU memory, 32k below 48 GiB and 256k above, "
            "so the same model would behave differently on each card",
            help="add `context: 8192`, or what the prompts need, to the model",
        )


def _key(request: ServingRequest) -> Iterator[Finding]:
    if request.api_key is not None:
        yield kinds.KEY_NOT_CHECKED.at(
            places.place(request, "engine"),
            "Ollama does not ask callers for a key",
            cause="callers send the cluster's `endpoint.key`, but nothing compares it: whoever reaches the port may "
            "call, pull and delete models",
            help="put a proxy that checks the key and admits only /v1 in front, or use `vllm`",
        )


def _direct_variables(request: ServingRequest) -> Iterator[Finding]:
    """Ollama's own variables belong in `engine.args`, where names and values are checked."""
    for name in sorted(request.env):
        if name.startswith("OLLAMA_"):
            argument = name.removeprefix("OLLAMA_").lower().replace("_", "-")
            field = OWN.arguments.get(argument, f"`{argument}` in `engine.args`")
            yield checks.variable_set_by_gen(request, OWN, name, field)


OLLAMA = Ollama()
