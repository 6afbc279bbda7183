"""Whether what a patch writes is what its object takes: the chart's values schema, or Compose's own of a service.

A patch is a part: what it leaves out stands in the object already. So nothing is missing from it, but where it makes
something new, a volume or an item of a list, that is judged as a whole.
"""

import json
import re
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema_rs
import yaml

from generator import resources
from generator.core.finding import Finding, Path
from generator.core.kinds import containers as kinds
from generator.core.merge import value_at
from generator.engines.common import CACHE, SHARED_MEMORY, WEIGHTS

_OWN_VOLUMES = (CACHE, WEIGHTS, SHARED_MEMORY, "files")
_WHOLE = ("required", "minProperties", "if", "then", "else")
_TYPES = {
    "string": "text",
    "integer": "a whole number",
    "number": "a number",
    "boolean": "true or false",
    "array": "a list",
    "object": "a map",
    "null": "nothing",
}
_DURATION = re.compile(r"([0-9]+(\.[0-9]+)?(ns|us|µs|ms|s|m|h))+|0")
_SIZE = re.compile(r"-1|[0-9]+(\.[0-9]+)? ?([kmgtp]i?)?b?", re.IGNORECASE)
_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]+)?")
_BOOLEAN = re.compile(r"true|false|y|n|yes|no|on|off|1|0|t|f", re.IGNORECASE)
_RESTART = re.compile(r"no|always|unless-stopped|on-failure(:[0-9]+)?")
_SIZES = frozenset({"shm_size", "mem_limit", "mem_reservation", "memswap_limit", "memory", "size"})
_DURATIONS = frozenset({"interval", "timeout", "start_period", "start_interval", "delay", "monitor", "window"})
_COUNTS = frozenset({"weight", "retries", "parallelism", "max_attempts", "max_replicas_per_node"})
_NOWHERE = ("configs", "models")
"""What a service refers to and the project does not have: a patch changes the service alone."""

Data = Mapping[str, Any]


def problems(target: str, merge: Data, path: Path, *, scales: bool, reserves: bool) -> Iterator[Finding]:
    """What the object of a patch would refuse; `path` is the spec's path of the patch's `merge`.

    `scales`: the release has an autoscaler already. `reserves`: the service has reserved GPUs.
    """
    if target == "helm":
        yield from _helm(merge, path, scales=scales)
    else:
        yield from _compose(merge, path, reserves=reserves)


def _helm(merge: Data, path: Path, *, scales: bool) -> Iterator[Finding]:
    by = "the model-server chart's values schema"
    yield from _refused(_lenient_chart(), _kept(merge), path, by)
    volumes = merge.get("volumes")
    for name, volume in volumes.items() if isinstance(volumes, Mapping) else ():
        if isinstance(volume, Mapping) and name not in _OWN_VOLUMES:
            yield from _refused(_chart_part(("volumes", name)), _kept(volume), (*path, "volumes", name), by)
    if value_at(merge, ("autoscaling", "enabled")) is True and not scales:
        words = "`enabled` needs a query, which follows from `replicas: {min, max}` of the placement"
        yield _told((*path, "autoscaling", "enabled"), words, by)
    for keys in _removed(merge):
        if keys == ("volumes",) or (keys[0] == "volumes" and keys[1:] in {(name,) for name in _OWN_VOLUMES}):
            yield _told((*path, *keys), "a patch cannot remove a volume that is mounted", "the model-server chart")
        default = value_at(_defaults(), keys)
        if default is not None and not _chart_part(keys).is_valid(default):
            yield kinds.PATCH_REFUSED.at(
                (*path, *keys),
                f"a patch cannot remove {'.'.join(keys)}",
                cause=f"{by} does not take the default that is left, so Helm refuses the release",
                help="leave the line out, or write the value that is meant",
                on_key=True,
            )


def _compose(merge: Data, path: Path, *, reserves: bool) -> Iterator[Finding]:
    found = list(_refused(_service(), _kept(merge), path, "Compose's schema of a service"))
    yield from found
    told = {finding.path for finding in found}
    for keys, words in (*_texts(_kept(merge)), *_elsewhere(merge, reserves=reserves)):
        if (*path, *keys) not in told:
            yield _told((*path, *keys), words, "Compose, or Docker behind it,")


def _texts(merge: Any) -> Iterator[tuple[Path, str]]:
    """Texts that Compose's schema takes and its reader does not: they stand for a number, a size, a choice."""
    for keys, value in _leaves(merge):
        name, types = str(keys[-1]), _types(keys)
        if name in _COUNTS and isinstance(value, (int, float)) and value < 0:
            yield keys, f"`{name}` takes 0 or more"
        if not isinstance(value, str) or "$" in value:
            continue
        if keys == ("restart",):
            form, wants = _RESTART, "`no`, `always`, `unless-stopped` or `on-failure`"
        elif name in _SIZES and types:
            form, wants = _SIZE, "a size such as `16g`"
        elif keys[0] in {"healthcheck", "deploy"} and name in _DURATIONS:
            form, wants = _DURATION, "a duration such as `30s`"
        elif "boolean" in types:
            form, wants = _BOOLEAN, "true or false"
        elif types & {"integer", "number"}:
            form, wants = _NUMBER, "a number"
        else:
            continue
        if not form.fullmatch(value):
            yield keys, f"`{name}` takes {wants}"


def _elsewhere(merge: Data, *, reserves: bool) -> Iterator[tuple[Path, str]]:
    """What needs something outside of the service, or says again what the service says in another way."""
    yield from _forms(merge)
    for key in _NOWHERE:
        if merge.get(key):
            yield (key,), f"`{key}` names what the project does not have, and a patch adds nothing beside the service"
    if reserves and merge.get("mem_reservation") is not None:
        yield ("mem_reservation",), "the service has `deploy.resources.reservations`; write its `memory` instead"
    options = merge.get("storage_opt")
    for key, value in options.items() if isinstance(options, Mapping) else ():
        if isinstance(value, (Mapping, list)):
            yield ("storage_opt", key), f"`{key}` takes a text"


def _forms(merge: Data) -> Iterator[tuple[Path, str]]:
    """What Compose's schema leaves to its reader: an image, the form of a host's entry, a limit in two places."""
    if "image" in merge and not merge["image"] and not merge.get("build"):
        yield ("image",), "a service needs an `image`"
    hosts = merge.get("extra_hosts")
    for number, host in enumerate(hosts) if isinstance(hosts, list) else ():
        if isinstance(host, str) and not re.search(r"[^=:][=:]", host):
            yield ("extra_hosts", number), "an entry of `extra_hosts` is `name=address`"
    limits = value_at(merge, ("deploy", "resources", "limits"))
    for key, same in (("mem_limit", "memory"), ("cpus", "cpus"), ("pids_limit", "pids")):
        if merge.get(key) is not None and isinstance(limits, Mapping) and limits.get(same) not in (None, merge[key]):
            yield (key,), f"the patch writes `deploy.resources.limits.{same}` as well; keep that one"


def strangers(merge: Data, path: Path, own: str, known: Collection[str]) -> Iterator[Finding]:
    """Services that a patch of the service `own` refers to and its project does not have; `known` are those it has.

    What a dot follows is a further replica, or a pull, of the placement before it.
    """
    for keys, name in _referred(merge):
        if name == own:
            words = f"`{keys[0]}` names the service itself"
        elif name in known or name.partition(".")[0] in known:
            continue
        else:
            words = f"`{keys[0]}` names a service that the project does not have"
        yield _told((*path, *keys), words, "Compose")


def _referred(merge: Data) -> Iterator[tuple[Path, str]]:
    """Every service that is named, by its place."""
    for key in ("depends_on", "links", "volumes_from"):
        named = merge.get(key)
        if isinstance(named, Mapping):
            yield from (((key, name), name) for name, value in named.items() if value is not None)
        for number, name in enumerate(named) if isinstance(named, list) else ():
            if isinstance(name, str) and not name.startswith("container:"):
                yield (key, number), name if key == "depends_on" else name.partition(":")[0]
    for key in ("ipc", "pid"):
        if isinstance(named := merge.get(key), str) and named.startswith("service:"):
            yield (key,), named.removeprefix("service:")
    extends = merge.get("extends")
    if isinstance(extends, Mapping) and "file" not in extends:
        yield ("extends",), str(extends.get("service"))
    elif isinstance(extends, str):
        yield ("extends",), extends


def _leaves(value: Any, above: Path = ()) -> Iterator[tuple[Path, Any]]:
    if isinstance(value, Mapping):
        for key, item in value.items():
            yield from _leaves(item, (*above, key))
    elif above:
        yield above, value


def _types(keys: Path) -> frozenset[str]:
    """The types that Compose's schema takes at a path of a service, where text is one of several plain ones."""
    schemas = [_service_schema()]
    for key in keys:
        schemas = [below for each in schemas for below in _below(each, key)]
    plain = [each for schema in schemas for each in _branches(schema) if "enum" not in each]
    types = {
        name
        for each in plain
        for name in ([each["type"]] if isinstance(each.get("type"), str) else each.get("type", []))
    }
    return frozenset(types) if "string" in types and not types & {"object", "array"} else frozenset()


def _below(schema: Any, key: str | int) -> list[Any]:
    found = []
    for each in _branches(schema):
        if key in each.get("properties", {}):
            found.append(each["properties"][key])
        elif isinstance(each.get("additionalProperties"), Mapping):
            found.append(each["additionalProperties"])
    return found


def _branches(schema: Any) -> list[Any]:
    """A schema and all that it is made of, references followed."""
    if "$ref" in schema:
        schema = {
            **_service_schema()["$defs"][schema["$ref"].rpartition("/")[2]],
            **{k: v for k, v in schema.items() if k != "$ref"},
        }
    parts = [part for word in ("allOf", "oneOf", "anyOf") for part in schema.get(word, ())]
    return [schema, *(each for part in parts for each in _branches(part))]


def _refused(validator: Any, data: Any, path: Path, by: str) -> Iterator[Finding]:
    """One finding for each place that a schema refuses."""
    places: dict[Path, str] = {}
    for error in validator.iter_errors(data):
        for keys, words in _words(error, data):
            places.setdefault(keys, words)
    for keys, words in places.items():
        # What holds a wrong value is refused as well, as something that nobody knows.
        if not any(other[: len(keys)] == keys for other in places if len(other) > len(keys)):
            yield _told((*path, *keys), words, by)


def _told(path: Path, words: str, by: str) -> Finding:
    return kinds.PATCH_REFUSED.at(
        path,
        words,
        cause=f"{by} refuses it when the files are applied, and the whole release or project with it",
        help="correct the value, or leave the line out",
    )


def _words(error: Any, data: Any) -> Iterator[tuple[Path, str]]:
    """Where in the data, and what is taken there. Values are not repeated: any may be a secret."""
    keys = tuple(
        str(step) if isinstance(_at(data, error.instance_path[:number]), dict) else step
        for number, step in enumerate(error.instance_path)
    )
    kind, name = error.kind, str(keys[-1]) if keys else "it"
    match kind.name:
        case "additionalProperties" | "unevaluatedProperties":
            for key in kind.unexpected:
                yield (*keys, key), f"there is no `{key}`"
        case "type":
            yield keys, f"`{name}` takes {_listed(kind.as_dict().get('types') or kind.as_dict().get('type'))}"
        case "enum":
            yield keys, f"`{name}` takes one of {', '.join(map(str, kind.as_dict()['options']))}"
        case "required":
            yield keys, f"`{name}` needs `{kind.property}`"
        case "oneOf" | "anyOf":
            yield keys, f"`{name}` takes another form"
        case "propertyNames":
            yield keys, f"`{name}` has a key that is no name there"
        case "minimum" | "maximum":
            yield keys, f"`{name}` takes {kind.as_dict()['limit']} or {'more' if kind.name == 'minimum' else 'less'}"
        case "pattern":
            yield keys, f"`{name}` is not in the form that is taken there"
        case other:
            yield keys, f"`{name}` breaks its {other}"


def _listed(types: Any) -> str:
    names = [types] if isinstance(types, str) else list(types or ())
    return " or ".join(_TYPES.get(name, name) for name in names) or "another type"


def _at(data: Any, steps: Any) -> Any:
    for step in steps:
        data = data[str(step)] if isinstance(data, dict) and step not in data else data[step]
    return data


def _kept(value: Any) -> Any:
    """What a patch writes: without the keys that it removes."""
    if isinstance(value, Mapping):
        return {key: _kept(item) for key, item in value.items() if item is not None}
    return [_kept(item) for item in value] if isinstance(value, list) else value


def _removed(merge: Data, above: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    for key, value in merge.items():
        if value is None:
            yield (*above, key)
        elif isinstance(value, Mapping):
            yield from _removed(value, (*above, key))


@cache
def _defaults() -> Any:
    text = (resources.templates() / "helm" / "model-server" / "values.yaml").read_text(encoding="utf-8")
    return yaml.safe_load(text)


@cache
def _chart() -> Any:
    text = (resources.templates() / "helm" / "model-server" / "values.schema.json").read_text(encoding="utf-8")
    return json.loads(text)


@cache
def _lenient_chart() -> Any:
    """The schema of a part: nothing is missing, except from an item of a list."""
    return jsonschema_rs.Draft7Validator({**_lenient(_chart()), "definitions": _chart()["definitions"]})


def _lenient(schema: Any) -> Any:
    if "$ref" in schema:
        named = {key: value for key, value in schema.items() if key != "$ref"}
        return {**named, **_lenient(_definition(schema))}
    kept = {key: value for key, value in schema.items() if key not in (*_WHOLE, "definitions")}
    if "properties" in kept:
        kept["properties"] = {key: _lenient(value) for key, value in kept["properties"].items()}
    if isinstance(kept.get("additionalProperties"), Mapping):
        kept["additionalProperties"] = _lenient(kept["additionalProperties"])
    if "allOf" in kept:
        kept["allOf"] = [_lenient(each) for each in kept["allOf"]]
    return kept


def _definition(schema: Data) -> Any:
    return _chart()["definitions"][schema["$ref"].rpartition("/")[2]]


@cache
def _chart_part(keys: tuple[str, ...]) -> Any:
    """The whole schema of the value at a path; it takes anything where the chart has no such value."""
    schema: Any = _chart()
    for key in keys:
        schema = _definition(schema) if "$ref" in schema else schema
        below = schema.get("properties", {}).get(key, schema.get("additionalProperties", True))
        schema = below if isinstance(below, Mapping) else {}
    return jsonschema_rs.Draft7Validator({"allOf": [schema], "definitions": _chart()["definitions"]})


@cache
def _service_schema() -> Any:
    return json.loads((resources.catalog() / "compose_service.json").read_text(encoding="utf-8"))["schema"]


@cache
def _service() -> Any:
    return jsonschema_rs.Draft202012Validator(_service_schema())
