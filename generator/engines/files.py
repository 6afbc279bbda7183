"""Files that arguments name: whether the container has them, in its image, with its weights or shipped by the spec."""

import json
import re
from collections.abc import Iterator, Set
from pathlib import PurePosixPath

from generator.catalog import paths as catalog
from generator.catalog import reader
from generator.catalog.facts import EngineVersion
from generator.catalog.paths import EnginePaths, NamedPath
from generator.core.finding import Finding, Path
from generator.core.frozen import frozen
from generator.core.kinds import containers as kinds
from generator.core.kinds import engines
from generator.core.plan import FILES_FOLDER, ServingRequest
from generator.core.words import suggestion
from generator.engines.common import WEIGHTS_PATH
from generator.engines.places import argument_path, place, variable_path

MOST_KIB = 512
"""Of all files of a replica: a ConfigMap holds 1 MiB, and so does a release with its values, which holds them again."""
_SYSTEM = tuple(f"/{name}/" for name in "bin data dev etc home lib opt root run tmp usr var".split())  # noqa: SIM905
"""What an image may have, and the folders of caches: nobody knows from here."""
_MOUNTED = ("path", "pvc")
_UNFIT = re.compile(r"[^-._A-Za-z0-9]")


@frozen
class _Named:
    """A path that is named: by what, where in the spec, and how."""

    by: str
    at: Path
    how: NamedPath
    path: str


def check(request: ServingRequest, facts: EngineVersion, own: Set[str]) -> Iterator[Finding]:
    """Files that the container lacks, adapters that name none, more files than fit; gen's `own` arguments aside."""
    yield from _size(request)
    known = catalog.paths(facts.engine)
    for named in _all(request, facts, known, own):
        if named.how.kind == "adapters" and not named.path:
            yield _no_adapter(request, named)
        elif _is_path(named) and not _there(request, named.path, known):
            yield _absent(request, facts, named)


def _all(request: ServingRequest, facts: EngineVersion, known: EnginePaths, own: Set[str]) -> Iterator[_Named]:
    for name, how in known.arguments.items():
        argument, _, key = name.partition(".")
        value = request.args.get(argument)
        if value is None or isinstance(value, bool) or argument in own or argument not in facts.flags:
            continue
        for text in value if isinstance(value, tuple) else (str(value),):
            for path in _paths(text, how, key, facts.engine):
                yield _Named(argument, argument_path(request, argument), how, path)
    for name, how in known.variables.items():
        variable = request.env.get(name)
        if isinstance(variable, str):
            yield _Named(name, variable_path(request, name), how, variable)


def _paths(text: str, how: NamedPath, key: str, engine: str) -> Iterator[str]:
    """The paths in a value; an empty one stands for an adapter that names none."""
    if key or how.kind == "mapping":
        held = _object(text)
        values = [held.get(key)] if key else list(held.values())
        yield from (value for value in values if isinstance(value, str))
    elif how.kind != "adapters":
        yield text
    elif text.lstrip().startswith("{"):
        yield str(_object(text).get("path", ""))
    elif engine == "tgi":
        yield from (part.partition("=")[2].partition("@")[0] for part in text.split(",") if "=" in part)
    else:
        yield text.partition("=")[2]


def _object(text: str) -> dict[str, object]:
    try:
        held = json.loads(text)
    except ValueError:
        return {}
    return held if isinstance(held, dict) else {}


def _is_path(named: _Named) -> bool:
    """Whether it is a path, and not a text, a word or a repository of the hub."""
    how, path = named.how, named.path
    if not path or path in how.words or any(character in path for character in how.text) or "://" in path:
        return False
    return how.kind in {"file", "folder"} or path.startswith(("/", "./", "../", "~"))


def _there(request: ServingRequest, path: str, known: EnginePaths) -> bool:
    """Whether the container has it, or may have it."""
    whole = f"{path}/"
    if whole.startswith(f"{FILES_FOLDER}/"):
        name = path.removeprefix(FILES_FOLDER).strip("/")
        return name in request.files or (not name and bool(request.files))
    if whole.startswith(f"{WEIGHTS_PATH}/") and request.source.kind in _MOUNTED:
        return True
    return request.own_image or whole.startswith((*known.in_image, *_SYSTEM))


def _absent(request: ServingRequest, facts: EngineVersion, named: _Named) -> Finding:
    title = reader.engine(facts.engine).title
    return kinds.FILE_NOT_IN_CONTAINER.at(
        named.at,
        f"`{named.by}` names `{named.path}`, which the container does not have",
        cause=f"{title} reads it inside the container, which has {_has(request)}",
        help=_cure(request, named),
    )


def _has(request: ServingRequest) -> str:
    weights = f"the weights in {WEIGHTS_PATH}, " if request.source.kind in _MOUNTED else ""
    files = ", ".join(f"`{name}`" for name in sorted(request.files))
    shipped = f"{files} in {FILES_FOLDER}" if files else "no file of yours"
    return f"its image, {weights}and {shipped}"


def _cure(request: ServingRequest, named: _Named) -> str:
    path = PurePosixPath(named.path)
    if named.path.startswith(f"{FILES_FOLDER}/") and request.files:
        return suggestion(path.name, request.files, "files")
    if named.how.kind == "file":
        name = _UNFIT.sub("-", path.name).lstrip("-.") or "file"
        origin = named.path if not named.path.startswith(("/", "~", "..")) else path.name
        return f"say `files: {{{name}: {origin}}}`, and write `{FILES_FOLDER}/{name}`"
    other = "" if named.how.kind == "folder" else ", or name a repository of the hub"
    if request.source.kind in _MOUNTED:
        return f"put it beside the weights, and write its path below {WEIGHTS_PATH}{other}"
    return f"put it beside the weights in a folder that `source.path` or `source.pvc` names{other}"


def _no_adapter(request: ServingRequest, named: _Named) -> Finding:
    return engines.ARGUMENT_VALUE.at(
        named.at,
        f"`{named.by}` takes a name for each adapter",
        cause="callers ask for an adapter by its name, and the engine stops at start-up where one has none",
        help="write `name=path`, or JSON with `name` and `path`",
    )


def _size(request: ServingRequest) -> Iterator[Finding]:
    total = sum(len(held) for held in request.files.values())
    if total > MOST_KIB * 1024:
        yield kinds.FILE_NOT_SHIPPED.at(
            place(request, "files"),
            f"the files come to {total / 1024:.0f} KiB",
            cause=f"all files of a replica may have {MOST_KIB} KiB together: a ConfigMap and a release hold 1 MiB each",
            help="put large files beside the weights (`source.path` or `source.pvc`)",
        )
