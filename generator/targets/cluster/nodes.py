"""Labels and taints of nodes that exist already: a script that people read and run, and a rule for who prefers that."""

from collections.abc import Iterator
from typing import Any

from generator.core.labels import POOL, part_of
from generator.core.plan import ClusterPlan, NodePool, Plan
from generator.render.emit import yaml_text
from generator.render.header import header
from generator.render.text import render_template


def files(plan: Plan, cluster: ClusterPlan) -> Iterator[tuple[str, str]]:
    """`label-nodes.sh`, and `node-labels.yaml` where the script has a label to set; only where nodes are not rented."""
    if cluster.cloud or not cluster.pools:
        return
    pools = [_pool(pool) for pool in cluster.pools]
    script = render_template("cluster/label-nodes.sh.j2", plan=plan, cluster=cluster.name, pools=pools, label=POOL)
    yield "label-nodes.sh", script
    rules = [_rule(pool) for pool in cluster.pools if pool.hosts and _labelled(pool)]
    if rules:
        on_top = header(
            f"Labels of nodes of {cluster.name}, kept by node feature discovery",
            "kubectl apply -f node-labels.yaml",
            "Instead of the labels of label-nodes.sh where nodes come and go; taints are the script's in either case.",
        )
        yield "node-labels.yaml", yaml_text(_node_labels(plan, cluster, rules), on_top)


def _labelled(pool: NodePool) -> bool:
    """Whether pods find the nodes by our label, and not by labels that are there anyhow."""
    return POOL in pool.labels


def _pool(pool: NodePool) -> dict[str, Any]:
    """A pool as the script's template takes it."""
    return {
        "name": pool.name,
        "hosts": pool.hosts,
        "labelled": _labelled(pool),
        "least": max(1, pool.min_nodes),
        "selector": ",".join(f"{key}={value}" for key, value in sorted(pool.labels.items())),
        "taints": [
            {"key": taint.key, "value": taint.value, "effect": taint.effect} for taint in pool.taints if pool.hosts
        ],
    }


def _node_labels(plan: Plan, cluster: ClusterPlan, rules: list[dict[str, Any]]) -> dict[str, Any]:
    name = f"{plan.fleet}-{cluster.name}"
    labels = part_of(plan.fleet)
    return {
        "apiVersion": "nfd.k8s-sigs.io/v1alpha1",
        "kind": "NodeFeatureRule",
        "metadata": {"name": name, "labels": labels},
        "spec": {"rules": rules},
    }


def _rule(pool: NodePool) -> dict[str, Any]:
    named = {"nodename": {"op": "In", "value": pool.hosts}}
    return {
        "name": pool.name,
        "labels": {POOL: pool.name},
        "matchFeatures": [{"feature": "system.name", "matchExpressions": named}],
    }
