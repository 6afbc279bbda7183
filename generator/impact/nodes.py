"""What a change does to GPU nodes: the fresh variables of Terraform's roots against those that stood there before."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from generator.catalog import reader
from generator.core import layout
from generator.core.artifact import ArtifactSet
from generator.output.diff import Held

_PLATFORMS = {"vm_size": "aks", "machine_type": "gke", "instance_types": "eks"}
"""A variable of a node group that one platform's roots alone have."""
_STRONGEST = ("replace", "recreate", "in-place")

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
    after = {item.path: item.content for item in artifacts if layout.variables_of(item.path)}
    then = {path: held.content for path, held in before.items() if layout.variables_of(path)}
    return tuple(
        change
        for path in sorted(after.keys() | then.keys())
        if after.get(path) != then.get(path)
        for change in _file(layout.variables_of(path), then.get(path), after.get(path))
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
        groups = data.pop("node_groups")
        platform = next((_PLATFORMS[name] for group in groups.values() for name in _PLATFORMS if name in group), "")
        facts = reader.pool_changes(platform).variables if platform else {}
        shared = {name: value for name, value in data.items() if name in facts}
        return platform, {key: {**shared, **_group(group, data)} for key, group in groups.items()}
    except (ValueError, KeyError, AttributeError, TypeError):
        return None


def _group(group: dict[str, Any], root: Mapping[str, Any]) -> _Group:
    """A node group with what it takes of the root."""
    if "instance_types" in group:
        # A placement group lies in the zone of the first subnet.
        subnets = root.get("subnet_ids") or []
        group["subnet_ids"] = (subnets[:1] or ["the first"]) if group["compact"] else subnets
    reservation = group["reservation"]
    if isinstance(reservation, dict):
        return {**group, "capacity_kind": reservation["kind"], "reservation": reservation["id"]}
    return group
