"""Which charts a cluster lacks: what its platform does not bring and nobody has installed."""

from generator.catalog import reader
from generator.core.plan import AddonPlan
from generator.core.spec import Cluster


def addons(cluster: Cluster) -> tuple[AddonPlan, ...]:
    """The charts to install, by name; none for a cluster without GPUs."""
    if not cluster.pools:
        return ()
    return tuple(
        AddonPlan(chart.name, chart.version, chart.repository, chart.namespace)
        for _, chart in sorted(reader.charts().items())
        if cluster.platform in chart.platforms and not chart.unless & set(cluster.has)
    )
