"""What a change does to GPU nodes: the node groups of the plan against those that the files before were told of."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from generator.catalog import reader
from generator.core.frozen import frozen
from generator.output.diff import Held
from generator.render.plan.entries import PlanDocument
from generator.render.plan.nodes import CloudEntry, GroupEntry
from generator.targets.terraform.read import roots

_STRONGEST = ("replace", "recreate", "in-place")
_UNKNOWN = "not known: the files that stood there are of another version of gen, or were edited"


@frozen
class GroupChange:
    """What happens to a node group of a cluster, `group` being its address.

    `effect` is `create`, `destroy`, `replace`, `recreate` (its nodes, one after the other) or `in-place`; `changed` are
    the settings behind it, and `words` say it in a sentence. It is `unknown`, of no group in particular, where nobody
    can tell what stood there.
    """

    cluster: str
    group: str | None
    effect: str
    changed: tuple[str, ...]
    words: str


def group_changes(plan: PlanDocument, before: Mapping[str, Held]) -> tuple[GroupChange, ...]:
    """Every node group that a change touches, by cluster and address.

    `before` are the files that stood there. A fleet of which there were none is new as a whole, and nothing need be
    said of its nodes.
    """
    if not before:
        return ()
    then = dict(roots({path: held.content for path, held in before.items()}))
    now = {name: item.cloud for name, item in plan.clusters.items() if item.cloud and not item.karpenter}
    return tuple(change for name in sorted(then.keys() | now.keys()) for change in _cluster(name, then, now))


def sentences(changes: Sequence[GroupChange]) -> Iterator[str]:
    """One line for each node group: `use1: node group l4-spot is changed in place (max_nodes)`."""
    for change in changes:
        why = f" ({', '.join(change.changed)})" if change.changed else ""
        what = f"node group {change.group} is" if change.group else "what happens to its node groups is"
        yield f"{change.cluster}: {what} {change.words}{why}"


def document(changes: Sequence[GroupChange]) -> list[dict[str, Any]]:
    """The same, for programs."""
    return [
        {"cluster": item.cluster, "group": item.group, "effect": item.effect, "changed": list(item.changed)}
        for item in changes
    ]


def _cluster(name: str, then: Mapping[str, CloudEntry | None], now: Mapping[str, CloudEntry]) -> Iterator[GroupChange]:
    before, after = then.get(name), now.get(name)
    if name in then and before is None:
        yield GroupChange(name, None, "unknown", (), _UNKNOWN)
        return
    old, new = _groups(before), _groups(after)
    same = before is None or after is None or before.platform == after.platform
    for key in sorted(old.keys() | new.keys()):
        if key not in new or (key in old and not same):
            yield GroupChange(name, key, "destroy", (), "destroyed")
        if key not in old or not same:
            if key in new:
                yield GroupChange(name, key, "create", (), "created")
        elif after and key in new and old[key] != new[key]:
            yield from _changed(name, key, after.platform, old[key], new[key])


def _changed(
    cluster: str, key: str, platform: str, old: Mapping[str, Any], new: Mapping[str, Any]
) -> Iterator[GroupChange]:
    facts = reader.pool_changes(platform)
    changed = tuple(name for name in sorted(old.keys() & new.keys()) if old[name] != new[name])
    effects = [effect for effect in _STRONGEST if any(facts.variables.get(name) == effect for name in changed)]
    if effects:
        because = tuple(name for name in changed if facts.variables.get(name) == effects[0])
        yield GroupChange(cluster, key, effects[0], because, facts.effects[effects[0]])


def _groups(cloud: CloudEntry | None) -> dict[str, dict[str, Any]]:
    """Every node group by its address: its own settings, and those of its cluster."""
    if cloud is None:
        return {}
    return {key: {**_shared(cloud, group), **vars(group)} for key, group in cloud.node_groups.items()}


def _shared(cloud: CloudEntry, group: GroupEntry) -> dict[str, Any]:
    created, alone = cloud.created, reader.pool_changes(cloud.platform).compact_in_first_subnet
    return {
        **({"kubernetes_version": created.kubernetes_version, "cluster_zones": created.zones} if created else {}),
        "cluster_name": cloud.cluster_name,
        "location": cloud.location,
        "node_role": cloud.node_role,
        "project": cloud.project,
        "resource_group": cloud.resource_group,
        "subnets": (cloud.subnets[:1] or ["the first"]) if group.compact and alone else cloud.subnets,
    }
