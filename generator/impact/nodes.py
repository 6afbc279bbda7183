"""What a change does to GPU nodes: the fresh variables of Terraform's roots against those that stood there before."""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.catalog import reader
from generator.core.artifact import ArtifactSet
from generator.output.diff import Held

_FILE = re.compile(r"terraform/([^/]+)/fleet\.auto\.tfvars\.json")
_PLATFORMS = {"vm_sizes": "aks", "machines": "gke", "instance_types": "eks"}
"""A variable of a pool that one platform's roots alone have."""
_STRONGEST = ("replace", "recreate", "in-place")
_RESERVED = "reserved"

_Group = dict[str, Any]


@dataclass(frozen=True, slots=True)
class GroupChange:
    """What happens to a node group of a cluster, `group` being its address.

    `effect` is `create`, `destroy`, `replace`, `recreate` (its nodes, one after the other) or `in-place`; `changed` are
    the variables behind it, and `words` say it in a sentence.
    """

    cluster: str
    group: str
    effect: str
    changed: tuple[str, ...]
    words: str


def group_changes(artifacts: ArtifactSet, before: Mapping[str, Held]) -> tuple[GroupChange, ...]:
    """Every node group that a change touches, by cluster and address; those of files of another shape are left out.

    A fleet of which nothing stood before is new as a whole, and nothing need be said of its nodes.
    """
    if not before:
        return ()
    after = {item.path: item.content for item in artifacts if _FILE.fullmatch(item.path)}
    then = {path: held.content for path, held in before.items() if _FILE.fullmatch(path)}
    return tuple(
        change
        for path in sorted(after.keys() | then.keys())
        if after.get(path) != then.get(path)
        for change in _file(path.split("/")[1], then.get(path), after.get(path))
    )


def sentences(changes: Sequence[GroupChange]) -> Iterator[str]:
    """One line for each node group: `use1: node group l4-spot is changed in place (max_nodes)`."""
    for change in changes:
        why = f" ({', '.join(change.changed)})" if change.changed else ""
        yield f"{change.cluster}: node group {change.group} is {change.words}{why}"


def document(changes: Sequence[GroupChange]) -> list[dict[str, Any]]:
    """The same, for programs."""
    return [
        {"cluster": item.cluster, "group": item.group, "effect": item.effect, "changed": list(item.changed)}
        for item in changes
    ]


def _file(cluster: str, before: bytes | None, after: bytes | None) -> Iterator[GroupChange]:
    then, now = _read(before), _read(after)
    if then is None or now is None:
        return
    (old_platform, old), (platform, new) = then, now
    same = old_platform in (platform, "")
    for key in sorted(old.keys() | new.keys()):
        if key not in new or (key in old and not same):
            yield GroupChange(cluster, key, "destroy", (), "destroyed")
        if key not in old or not same:
            if key in new:
                yield GroupChange(cluster, key, "create", (), "created")
        elif key in new and old[key] != new[key]:
            yield from _changed(cluster, key, platform, old[key], new[key])


def _changed(cluster: str, key: str, platform: str, old: _Group, new: _Group) -> Iterator[GroupChange]:
    facts = reader.pool_changes(platform)
    changed = tuple(name for name in sorted(old.keys() & new.keys()) if old[name] != new[name])
    effects = [effect for effect in _STRONGEST if any(facts.variables.get(name) == effect for name in changed)]
    if effects:
        because = tuple(name for name in changed if facts.variables.get(name) == effects[0])
        yield GroupChange(cluster, key, effects[0], because, facts.effects[effects[0]])


def _read(content: bytes | None) -> tuple[str, dict[str, _Group]] | None:
    """The platform and the node groups of a root; none where the file is not one that we know."""
    if content is None:
        return "", {}
    try:
        data = json.loads(content)
        pools = data.pop("pools")
        platform = next((_PLATFORMS[name] for pool in pools.values() for name in _PLATFORMS if name in pool), "")
        facts = reader.pool_changes(platform).variables if platform else {}
        shared = {name: value for name, value in data.items() if name in facts}
        return platform, {
            key: {**shared, **group} for name, pool in pools.items() for key, group in _groups(name, pool, data)
        }
    except (ValueError, KeyError, AttributeError, TypeError):
        return None


def _groups(name: str, pool: dict[str, Any], root: Mapping[str, Any]) -> Iterator[tuple[str, _Group]]:
    """The node groups of a pool by address, as its module makes them."""
    for place, way in enumerate(pool["capacity"]):
        for index, own in enumerate(_each(pool, way)):
            shared = {key: value for key, value in pool.items() if key not in ("capacity", "machines", "vm_sizes")}
            group = {**shared, **own, "min_nodes": pool["min_nodes"] if place == index == 0 else 0}
            reservation = pool["reservation"] if way == _RESERVED else None
            if isinstance(reservation, dict):
                group["capacity_kind"] = reservation["kind"]
                reservation = reservation["id"]
            group["reservation"] = reservation
            group["compact"] = bool(pool.get("compact")) and way != _RESERVED
            if "instance_types" in pool:
                # A placement group lies in the zone of the first subnet.
                subnets = root.get("subnet_ids") or []
                group["subnet_ids"] = (subnets[:1] or ["the first"]) if group["compact"] else subnets
            type_ = own.get("machine_type", own.get("vm_size"))
            yield f"{name}-{way}-{type_}" if index else f"{name}-{way}", group


def _each(pool: dict[str, Any], way: str) -> list[_Group]:
    """What belongs to each node group of a way of buying: its types; of several a reservation has the first."""
    many = 1 if way == _RESERVED else None
    if "instance_types" in pool:
        return [{"instance_types": pool["instance_types"][:many]}]
    if "vm_sizes" in pool:
        return [{"vm_size": size} for size in pool["vm_sizes"][:many]]
    named = ({**machine, "machine_type": machine["type"]} for machine in pool["machines"][:many])
    return [{key: value for key, value in machine.items() if key != "type"} for machine in named]
