"""Terraform: a root module per EKS cluster whose data is JSON, and the hand-written modules, verbatim."""

from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any

from generator import resources
from generator.core.artifact import Artifact
from generator.core.plan import ClusterPlan, NodePool, Plan
from generator.render.emit import json_text
from generator.render.text import render_template

MODULE = "eks-gpu-pools"


class Terraform:
    """Writes `terraform/<cluster>/` for every EKS cluster, and the module they share."""

    name = "terraform"

    def render(self, plan: Plan) -> Iterable[Artifact]:
        """The root modules and, when there are any, `terraform/modules/`."""
        clusters = [cluster for cluster in plan.clusters if cluster.platform == "eks"]
        for cluster in clusters:
            yield from self._root(plan, cluster)
        if clusters:
            yield from self._verbatim(f"modules/{MODULE}", f"modules/{MODULE}")

    def _root(self, plan: Plan, cluster: ClusterPlan) -> Iterator[Artifact]:
        yield from self._verbatim("root-eks", cluster.name)
        backend = render_template("terraform/backend.tf.j2", state=cluster.state)
        yield self._artifact(f"{cluster.name}/backend.tf", backend)
        yield self._artifact(f"{cluster.name}/fleet.auto.tfvars.json", json_text(_variables(plan, cluster)))

    def _verbatim(self, source: str, folder: str) -> Iterator[Artifact]:
        for name, content in _files(resources.templates() / "terraform" / source):
            yield Artifact(f"terraform/{folder}/{name}", content, self.name)

    def _artifact(self, path: str, text: str) -> Artifact:
        return Artifact(f"terraform/{path}", text.encode(), self.name)


@cache
def _files(folder: Path) -> tuple[tuple[str, bytes], ...]:
    return tuple((path.name, path.read_bytes()) for path in sorted(folder.glob("*.tf")))


def _variables(plan: Plan, cluster: ClusterPlan) -> dict[str, Any]:
    return {
        "cluster_name": cluster.existing,
        "node_role_arn": cluster.node_role or None,
        "pools": {pool.name: _pool(pool) for pool in sorted(cluster.pools, key=lambda pool: pool.name)},
        "region": cluster.region,
        "subnet_ids": list(cluster.subnets),
        "tags": {"fleetgen.dev/environment": plan.environment, "fleetgen.dev/fleet": plan.fleet},
    }


def _pool(pool: NodePool) -> dict[str, Any]:
    reservation = {"id": pool.reservation, "kind": pool.reservation_kind or "on-demand"}
    return {
        "capacity": list(pool.capacity),
        "disk_gib": pool.disk_gib,
        "gpu": pool.gpu,
        "gpus_per_node": pool.gpus_per_node,
        "instance_types": list(pool.instance_types),
        "labels": dict(sorted(pool.labels.items())),
        "max_nodes": pool.max_nodes,
        "min_nodes": pool.min_nodes,
        "reservation": reservation if pool.reservation else None,
        "taints": [{"effect": taint.effect, "key": taint.key, "value": taint.value} for taint in pool.taints],
    }


TERRAFORM = Terraform()
