"""From the plan to the entries of clusters and their nodes."""

from collections.abc import Mapping, Sequence
from typing import Any

from generator.core.plan import ClusterPlan, Decision, NodePool, TaintPlan
from generator.core.plan.clouds.any import AnyCluster, AnyNodes
from generator.core.plan.clouds.eks import EksCluster, EksNodes
from generator.core.plan.clouds.gke import GkeCluster, GkeNodes
from generator.core.plan.clouds.rented import CreatedPlan, NodeGroup
from generator.core.plan.state import AzurermState, S3State, TerraformState
from generator.render.plan import nodes as entries
from generator.render.plan.rows import CountEntry, DecisionEntry, TaintEntry


def cluster(plan: ClusterPlan) -> entries.ClusterEntry:
    """A cluster with its pools, and with what its cloud has of it."""
    theirs = plan.cloud
    karpenter = theirs.karpenter if isinstance(theirs, EksCluster) else None
    return entries.ClusterEntry(
        platform=plan.platform,
        region=plan.region or None,
        namespace=plan.namespace if plan.kubernetes else None,
        has=sorted(plan.has),
        storage_class=plan.storage_class or None,
        addons={addon.chart: addon.version for addon in plan.addons},
        karpenter=entries.KarpenterEntry(
            role=karpenter.role, queue=karpenter.queue, image=karpenter.image, installed=karpenter.installed
        )
        if karpenter
        else None,
        state=_state(plan.state) if plan.state else None,
        cloud=cloud(plan, theirs) if theirs else None,
        pools={pool.name: _pool(pool) for pool in plan.pools},
    )


def decisions(decided: Sequence[Decision]) -> dict[str, DecisionEntry]:
    """Each by its setting."""
    return {item.field: DecisionEntry(value=item.value, why=item.why) for item in decided}


def cloud(plan: ClusterPlan, theirs: AnyCluster) -> entries.CloudEntry:
    """What only a cluster of a cloud has, with its node groups."""
    return entries.CloudEntry.model_validate(
        {
            **_NOWHERE,
            **_place(plan, theirs),
            "platform": plan.platform,
            "cluster_name": theirs.name,
            "created": _created(theirs.created) if theirs.created else None,
            "node_groups": {
                group.key: _group(pool, pool.cloud, group)
                for pool in plan.pools
                if pool.cloud
                for group in pool.cloud.groups
            },
        }
    )


_NOWHERE: Mapping[str, Any] = {
    "project": None,
    "subscription": None,
    "resource_group": None,
    "subnets": [],
    "node_role": None,
}


def _place(plan: ClusterPlan, theirs: AnyCluster) -> Mapping[str, Any]:
    """Where a cluster is, in the words of its cloud."""
    if isinstance(theirs, EksCluster):
        subnets = list(theirs.subnets)
        return {"location": plan.region, "subnets": subnets, "node_role": theirs.node_role}
    if isinstance(theirs, GkeCluster):
        location = theirs.zone or plan.region
        return {"location": location, "project": theirs.project, "node_role": theirs.node_role}
    return {
        "location": plan.region,
        "subscription": theirs.subscription,
        "resource_group": theirs.resource_group,
        "subnets": [theirs.subnet] if theirs.subnet else [],
    }


def _group(pool: NodePool, rented: AnyNodes, group: NodeGroup) -> entries.GroupEntry:
    return entries.GroupEntry(
        pool=pool.name,
        name=group.name,
        capacity=group.capacity,
        capacity_block=isinstance(rented, EksNodes) and rented.capacity_block and group.reservation is not None,
        reservation=group.reservation,
        instance_types=list(group.instance_types),
        accelerator=_accelerator(pool, rented, group),
        gpus_per_node=pool.gpus_per_node,
        local_ssds=rented.local_ssds[group.instance_types[0]] if isinstance(rented, GkeNodes) else 0,
        disk_gib=rented.disk_gib,
        disk_type=rented.disk_type,
        min_nodes=group.min_nodes,
        max_nodes=pool.max_nodes,
        max_pods=rented.max_pods,
        compact=group.compact,
        max_surge=0 if isinstance(rented, EksNodes) else rented.surge,
        max_unavailable=rented.unavailable,
        zones=[] if isinstance(rented, EksNodes) else list(rented.zones),
        labels=dict(pool.labels),
        taints=_taints(pool.taints),
    )


def _accelerator(pool: NodePool, rented: AnyNodes, group: NodeGroup) -> str | None:
    """Google's name of the GPU; on EKS ours, which becomes a label."""
    if isinstance(rented, GkeNodes):
        return rented.accelerators[group.instance_types[0]]
    return pool.gpu if isinstance(rented, EksNodes) else None


def _created(plan: CreatedPlan) -> entries.CreatedEntry:
    return entries.CreatedEntry(
        kubernetes_version=plan.version,
        zones=list(plan.zones),
        network=entries.NetworkEntry(nodes=plan.nodes, pods=plan.pods or None, services=plan.services),
        public_access=list(plan.public_access),
        machine=plan.machine,
        nodes=CountEntry(min=plan.min_nodes, max=plan.max_nodes),
    )


def _state(state: TerraformState) -> entries.StateEntry:
    return entries.StateEntry(
        backend=state.backend,
        store=state.store,
        region=state.region if isinstance(state, S3State) else None,
        key=state.key if isinstance(state, S3State | AzurermState) else state.prefix,
    )


def _pool(pool: NodePool) -> entries.PoolEntry:
    return entries.PoolEntry(
        gpu=pool.gpu,
        gpus_per_node=pool.gpus_per_node,
        nodes=CountEntry(min=pool.min_nodes, max=pool.max_nodes),
        labels=dict(pool.labels),
        taints=_taints((*pool.taints, *pool.platform_taints)),
        hosts=list(pool.hosts),
        groups=[group.key for group in pool.groups],
        decisions=decisions(pool.decisions),
    )


def _taints(taints: Sequence[TaintPlan]) -> list[TaintEntry]:
    return [TaintEntry(key=taint.key, value=taint.value, effect=taint.effect) for taint in taints]
