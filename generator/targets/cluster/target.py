"""Cluster: what must be in a Kubernetes cluster before the releases: its namespaces, its nodes' labels, its add-ons."""

from collections.abc import Iterator

from generator.core import layout
from generator.core.artifact import Artifact
from generator.core.plan import ClusterPlan, Plan
from generator.targets.cluster import addons, karpenter, namespaces, nodes, priorities


class ClusterTarget:
    """Writes `cluster/<cluster>/` for every cluster that runs Kubernetes."""

    name = "cluster"

    def render(self, plan: Plan) -> Iterator[Artifact]:
        """The files of all clusters; a cluster without a placement and without a pool has none."""
        for cluster in plan.clusters:
            if cluster.kubernetes:
                for path, text in _files(plan, cluster):
                    yield Artifact(f"{layout.cluster(cluster.name)}/{path}", text.encode(), self.name)


def _files(plan: Plan, cluster: ClusterPlan) -> Iterator[tuple[str, str]]:
    """Paths below the cluster's folder, and their texts."""
    yield from namespaces.files(plan, cluster)
    yield from nodes.files(plan, cluster)
    yield from karpenter.files(plan, cluster)
    yield from priorities.files(plan, cluster)
    yield from addons.files(plan, cluster)


CLUSTER = ClusterTarget()
