"""What every engine's workload is made of in the same way: weights, shared memory, secrets, the command line."""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from generator import resources
from generator.catalog import reader
from generator.catalog.facts import EngineVersion
from generator.core.errors import BugError
from generator.core.plan import Container, Mount, Port, Probe, SecretRef, ServingRequest, Shutdown, Volume
from generator.engines.caches import cached

Env = dict[str, str | SecretRef]

CACHE = "cache"
WEIGHTS = "weights"
SHARED_MEMORY = "shm"
WEIGHTS_PATH = "/models"
COMPLETE = ".complete"
"""The end of the name of the file beside a shared folder that says that all is there."""
NO_GPU = {"NVIDIA_VISIBLE_DEVICES": "void"}
"""Engines' images ask for all GPUs of the host; a container that was given none must say so."""
_FETCH = "engines/fetch_weights.py"

_WORDS = ("auto", "vllm")
_TEXTS = re.compile(r'"([^"]*)"')


def http_probe(path: str) -> Probe:
    """A probe of the port `http`."""
    return Probe("http", path=path, port="http")


def http_port(number: int) -> Port:
    """The port that serves requests."""
    return Port("http", number)


def model_argument(request: ServingRequest) -> str:
    """What the engine is told to load: a repository or URL as it is, weights in a volume by their path."""
    if request.shared:
        return shared_folder(request)
    if request.source.kind not in {"path", "pvc"}:
        return request.source.ref
    inner = cached(request.source.ref)[1]
    return f"{WEIGHTS_PATH}/{inner}" if inner else WEIGHTS_PATH


def storage(request: ServingRequest, cache_path: str) -> tuple[tuple[Volume, ...], tuple[Mount, ...]]:
    """The volumes of an engine that downloads and compiles, and where the main container has them."""
    volumes = [Volume(CACHE, "cache", size_gib=request.cache_gib)]
    mounts = [Mount(CACHE, cache_path)]
    if request.shm_gib:
        volumes.append(Volume(SHARED_MEMORY, "memory", size_gib=request.shm_gib))
        mounts.append(Mount(SHARED_MEMORY, "/dev/shm"))  # noqa: S108 - the fixed place of POSIX shared memory
    if request.source.kind == "path":
        volumes.append(Volume(WEIGHTS, "host", ref=cached(request.source.ref)[0]))
        mounts.append(Mount(WEIGHTS, WEIGHTS_PATH, read_only=True))
    elif request.shared:
        volumes.append(Volume(WEIGHTS, "shared", size_gib=request.shared.size_gib, ref=request.shared.storage_class))
        mounts.append(Mount(WEIGHTS, WEIGHTS_PATH, read_only=True))
    elif request.source.kind == "pvc":
        volumes.append(Volume(WEIGHTS, "claim", ref=request.source.ref))
        folder = cached(request.source.ref)[0].partition("/")[2]
        mounts.append(Mount(WEIGHTS, WEIGHTS_PATH, read_only=True, sub_path=folder))
    return tuple(volumes), tuple(mounts)


def outlasting(request: ServingRequest) -> Shutdown:
    """The end of an engine that cuts running calls off when it is told: in a pod, the wait before covers them."""
    times = request.shutdown
    if not request.kubernetes:
        return times
    return replace(times, pre_stop_s=times.pre_stop_s + times.drain_s, drain_s=0)


def environment(own: Mapping[str, str | SecretRef | None], request: ServingRequest) -> Env:
    """The engine's own variables where they have a value, then the user's."""
    return {**{name: value for name, value in own.items() if value is not None}, **request.env}


def offline(request: ServingRequest, from_hub: Iterable[str]) -> str | None:
    """`HF_HUB_OFFLINE` for weights that stand in a folder: a start asks the hub nothing, and does not wait for it.

    transformers reads it too; TRANSFORMERS_OFFLINE is an old name of the same switch. None where weights come from
    elsewhere, or where one of the arguments `from_hub` names something of the hub.
    """
    if request.source.kind not in {"path", "pvc"} and not request.shared:
        return None
    return None if any(_names_repository(request.args[name]) for name in from_hub if name in request.args) else "1"


def shared_folder(request: ServingRequest) -> str:
    """Where a revision stands in the claim that replicas share; without a name it is the branch `main`."""
    name = f"{request.source.ref}@{_revision(request)}".replace("/", "--")
    return f"{WEIGHTS_PATH}/{name}"


def _revision(request: ServingRequest) -> str:
    return request.source.revision or "main"


def waits(request: ServingRequest) -> tuple[Container, ...]:
    """What holds a server back until the shared weights are complete; nothing where it has its own."""
    if request.shared is None:
        return ()
    script = 'until [ -e "$0" ]; do sleep 5; done'
    command = ("/bin/sh", "-c", script, f"{shared_folder(request)}{COMPLETE}")
    mounts = (Mount(WEIGHTS, WEIGHTS_PATH, read_only=True),)
    return (Container(WEIGHTS, request.image, command=command, env=NO_GPU, mounts=mounts),)


def fetches(request: ServingRequest, python: str) -> tuple[Container, ...]:
    """What fills the shared weights, in the engine's image, whose `python` has the hub's library."""
    if request.shared is None:
        return ()
    script = (resources.templates() / _FETCH).read_text(encoding="utf-8")
    env: Env = {
        "HOME": "/tmp",  # noqa: S108 - of a container that ends
        "HF_HOME": "/tmp/huggingface",  # noqa: S108
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_OFFLINE": "0",
        **NO_GPU,
    }
    if request.source.token:
        env["HF_TOKEN"] = request.source.token
    command = (python, "-c", script, request.source.ref, _revision(request), shared_folder(request))
    return (Container(WEIGHTS, request.image, command=command, env=env, mounts=(Mount(WEIGHTS, WEIGHTS_PATH),)),)


def _names_repository(value: object) -> bool:
    """Whether a value leads to the hub: anything but a path (`name=/path` of an adapter) or a word of the engine's.

    Code that a repository brings may refer to another one, so to trust it is to go there.
    """
    if isinstance(value, tuple):
        return any(map(_names_repository, value))
    text = str(value).strip()
    if isinstance(value, bool) or text in _WORDS:
        return value is True
    if text.startswith(("{", "[")):
        return any(not _is_path(part) for part in _TEXTS.findall(text) if "/" in part)
    return not _is_path(text.rpartition("=")[2])


def _is_path(text: str) -> bool:
    return text.startswith(("/", "./", "../", "~"))


def options(values: Mapping[str, object], facts: EngineVersion) -> Iterator[str]:
    """Arguments in the given order: those that have a value, as far as this version of the engine has them."""
    for name, value in values.items():
        if name in facts.flags and value != "":
            yield from (f"--{name}", str(value))


def facts(engine: str, request: ServingRequest) -> EngineVersion:
    """The facts of the version that is asked for.

    Raises:
        BugError: it is no version; `checks.judge` says so, and then nobody asks for a workload.
    """
    known = reader.release(engine, request.version)
    if known is None:
        raise BugError(f"a workload of {engine} {request.version}")
    return known


def _kind(value: object) -> str:
    """How an argument is written that no known version has."""
    return "boolean" if isinstance(value, bool) else "list" if isinstance(value, tuple) else "text"


def command_line(args: Mapping[str, object], facts: EngineVersion) -> Iterator[str]:
    """Arguments as the engine's parser takes them, in order of name.

    A value that begins with a dash is joined with `=`, or the parser would take it for an option.
    """
    for name in sorted(args):
        value, kind = args[name], facts.flags.get(name) or facts.maybe.get(name) or _kind(args[name])
        if isinstance(value, bool):
            if value:
                yield f"--{name}"
            elif kind == "boolean":
                yield f"--no-{name}"
        elif isinstance(value, tuple) and kind == "repeated":
            for item in value:
                yield from (f"--{name}", item)
        elif isinstance(value, tuple):
            yield f"--{name}"
            yield from value
        elif str(value).startswith("-"):
            yield f"--{name}={value}"
        else:
            yield from (f"--{name}", str(value))
