"""Whether the nodes of a rented pool have the labels that a placement asks for beyond the pool's own."""

from collections.abc import Iterator, Sequence

from generator.core.finding import Finding, Severity, path_text
from generator.core.kinds import rollouts as kinds
from generator.core.plan import NodePool
from generator.resolve.placements.candidate import Candidate, Intact

_OF_THE_PLATFORM = (
    *("kubernetes.io", "k8s.io"),
    *("amazonaws.com", "csi.aws.com", "karpenter.sh", "k8s.aws"),
    *("cloud.google.com", "gke.io"),
    "azure.com",
)
"""Domains whose labels nodes have from their start: of the kubelet, of the cloud, of who starts them. Where there is no
node yet an autoscaler makes up a node of these and of the group's own (kubernetes/autoscaler cloudprovider/aws, gce and
azure: buildGenericLabels)."""


def check(items: Sequence[Candidate], intact: Intact) -> Iterator[Finding]:
    """A finding for each label that a placement asks for and new nodes of its pool do not have."""
    for item in items:
        if item.pool is not None and item.pool.groups:
            yield from (finding for finding in _labels(item, item.pool) if intact(finding.path))


def _labels(item: Candidate, pool: NodePool) -> Iterator[Finding]:
    for key, value in sorted(item.settings.node_selector.items()):
        has = pool.labels.get(key)
        if has == value or (has is None and _of_the_platform(key)):
            continue
        cause = (
            f"the pool labels them {key}={has}"
            if has is not None
            else f"the pool does not label them {key}, and an autoscaler counts no label that comes later"
        )
        yield kinds.LABEL_ON_NO_NODE.at(
            item.at(f"node_selector.{key}"),
            f"no new node of pool {pool.name!r} is {key}={value}, which {item.service} asks for",
            cause=cause,
            help=f"add `{key}: {value}` to `nodeSelector` of {path_text(pool.path)}, or leave it out here",
            severity=Severity.ERROR if has is not None else Severity.WARNING,
        )


def _of_the_platform(key: str) -> bool:
    domain = key.rpartition("/")[0]
    return any(domain == known or domain.endswith(f".{known}") for known in _OF_THE_PLATFORM)
