"""From the plan to the entries of placements, gateways and routes."""

from collections.abc import Sequence

from generator.core.plan import (
    Backend,
    Container,
    GatewayPlan,
    PlacementPlan,
    Probe,
    RoutePlan,
    SecretRef,
    TenantPlan,
    Workload,
)
from generator.render.plan import rows
from generator.render.plan import work as entries
from generator.render.plan.build_nodes import decisions
from generator.render.plan.rows import CountEntry


def placement(plan: PlacementPlan) -> entries.PlacementEntry:
    """A placement with what it runs."""
    return entries.PlacementEntry(
        cluster=plan.cluster,
        pool=plan.pool or None,
        service=plan.service,
        replicas=CountEntry(min=plan.min_replicas, max=plan.max_replicas),
        context=plan.context,
        concurrency=plan.concurrency,
        surge=plan.rollout.surge,
        unavailable=plan.rollout.unavailable,
        recreate=plan.rollout.recreate,
        threshold=plan.autoscaling.threshold if plan.autoscaling else None,
        node_selector=dict(plan.node_selector),
        tolerations=[
            rows.TolerationEntry(key=item.key, operator=item.operator, value=item.value, effect=item.effect)
            for item in plan.tolerations
        ],
        priority_class=plan.priority_class or None,
        service_account=plan.service_account or None,
        storage_class=plan.storage_class or None,
        host_port=plan.host_port or None,
        devices=[list(ids) for ids in plan.device_ids],
        patches=[patch.target for patch in plan.patches],
        workload=_workload(plan.workload),
        decisions=decisions(plan.decisions),
    )


def _workload(plan: Workload) -> entries.WorkloadEntry:
    asked = plan.resources
    return entries.WorkloadEntry(
        engine=plan.engine,
        main=_container(plan.main),
        init=[_container(item) for item in plan.init],
        one_shot=[_container(item) for item in plan.one_shot],
        jobs=[_container(item) for item in plan.jobs],
        ports={port.name: port.number for port in plan.ports},
        readiness=_probe(plan.probe),
        liveness=_probe(plan.liveness),
        startup_s=plan.timing.startup_s,
        grace_s=plan.shutdown.grace_s,
        user=plan.security.user,
        gpus=asked.gpus,
        cpu=asked.cpu,
        memory_gib=asked.memory_gib,
        disk_gib=asked.disk_gib,
        volumes={
            item.name: rows.VolumeEntry(kind=item.kind, size_gib=item.size_gib, ref=item.ref) for item in plan.volumes
        },
    )


def _container(plan: Container) -> entries.ContainerEntry:
    return entries.ContainerEntry(
        name=plan.name,
        image=plan.image.reference,
        command=list(plan.command),
        args=list(plan.args),
        env={name: value for name, value in plan.env.items() if isinstance(value, str)},
        secrets={name: _secret(value) for name, value in plan.env.items() if not isinstance(value, str)},
        mounts=[
            rows.MountEntry(volume=item.volume, path=item.path, sub_path=item.sub_path, read_only=item.read_only)
            for item in plan.mounts
        ],
    )


def _probe(plan: Probe) -> rows.ProbeEntry:
    return rows.ProbeEntry(kind=plan.kind, path=plan.path, port=plan.port, command=list(plan.command))


def _secret(plan: SecretRef) -> rows.SecretEntry:
    return rows.SecretEntry(env=plan.env, secret=plan.secret, key=plan.key)


def gateway(plan: GatewayPlan) -> entries.GatewayEntry:
    """A gateway with its table."""
    return entries.GatewayEntry(
        kind=plan.kind,
        version=plan.version,
        image=plan.image.reference,
        cluster=plan.cluster,
        replicas=CountEntry(min=plan.min_replicas, max=plan.max_replicas),
        host_port=plan.host_port or None,
        host=plan.expose.host if plan.expose else None,
        env={name: value for name, value in {**plan.given, **plan.env}.items() if isinstance(value, str)},
        secret_env={name: _secret(value) for name, value in plan.given.items() if not isinstance(value, str)},
        secrets=[_secret(item) for item in (plan.master_key, plan.database) if item],
        routes={route.name: _route(route) for route in plan.routes},
        tenants={tenant.name: _tenant(tenant) for tenant in plan.tenants},
    )


def _route(plan: RoutePlan) -> entries.RouteEntry:
    return entries.RouteEntry(
        aliases=list(plan.aliases),
        task=plan.task,
        tiers=[_backends(tier.backends) for tier in plan.tiers],
        overrides={tenant: _backends(tier.backends) for tenant, tier in plan.overrides.items()},
        long_prompts=_backends(plan.context.tier.backends) if plan.context else [],
        over_tokens=plan.context.over if plan.context else None,
        shadow=_backends(plan.shadow.tier.backends) if plan.shadow else [],
        shadow_percent=plan.shadow.percent if plan.shadow else None,
        fallback_on=list(plan.fallback_on),
        sticky=plan.sticky_key or None,
        max_retries=plan.max_retries,
        connect_s=plan.timeouts.connect_s,
        first_token_s=plan.timeouts.first_token_s,
        idle_s=plan.timeouts.idle_s,
        total_s=plan.timeouts.total_s,
    )


def _backends(plans: Sequence[Backend]) -> list[rows.BackendEntry]:
    return [
        rows.BackendEntry(
            id=item.id,
            api=item.api,
            url=item.url,
            model=item.model,
            weight=item.weight,
            max_parallel=item.max_parallel,
            key_env=item.key.env if item.key else None,
        )
        for item in plans
    ]


def _tenant(plan: TenantPlan) -> entries.TenantEntry:
    return entries.TenantEntry(
        key=_secret(plan.key),
        routes=list(plan.routes),
        priority=plan.priority,
        requests_per_minute=plan.requests_per_minute,
        max_parallel=plan.max_parallel,
        budget_usd=plan.budget.usd if plan.budget else None,
        budget_per=plan.budget.per if plan.budget else None,
    )
