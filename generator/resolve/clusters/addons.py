"""Which charts a cluster lacks, for GPUs and gateways: what nobody has installed."""

from collections.abc import Collection, Set

from generator.catalog import reader
from generator.core.plan import AddonPlan
from generator.core.spec import Cluster, Images
from generator.resolve.images import mirrored

_AUTOSCALERS = ("cluster-autoscaler", "karpenter")


def addons(
    cluster: Cluster, lacks: Set[str], gateways: Collection[str] = (), mirror: Images | None = None
) -> tuple[AddonPlan, ...]:
    """The charts to install, by name: what GPUs need where there are any, and what its gateways, by kind, need.

    `lacks` is what the cluster's platform says of itself. Where there is a mirror, their images come from it as well.
    """
    mirrors = mirror is not None and mirror.registry is not None
    other = _AUTOSCALERS[0] if cluster.autoscaler == _AUTOSCALERS[1] else _AUTOSCALERS[1]
    return tuple(
        AddonPlan(
            chart.name,
            chart.version,
            chart.repository,
            chart.namespace,
            {path: mirrored(image, mirror) for path, image in sorted(chart.images.items())} if mirrors else {},
            dict(sorted(chart.pull_secrets.items())) if mirrors and mirror and mirror.pull_secret else {},
        )
        for _, chart in sorted(reader.charts().items())
        if (chart.supplies in lacks if chart.supplies else cluster.kubernetes)
        and chart.name != other
        and not chart.unless & set(cluster.has)
        and (chart.gateways & set(gateways) if chart.gateways else cluster.pools)
    )
