"""Envoy: a static bootstrap of four listeners, and the tables they follow as files that are watched.

A call goes from listener to listener inside one process: who calls (`tenants`), which model (`routes`), which tier
(`tiers`), which backend (`backends`). So each has retries, limits and filters of its own; docs/adr/0008 says why.
"""

import base64
from collections.abc import Mapping

from generator import resources
from generator.core.labels import ADMITTED
from generator.core.plan import GatewayPlan, Plan
from generator.core.plan.service import Service
from generator.gateways.envoy import clusters, routes
from generator.gateways.envoy.listeners import listeners, metrics
from generator.gateways.envoy.service import service
from generator.gateways.envoy.words import ADMIN_PORT, BOOTSTRAP, RUN, Words, discovered, extension, named
from generator.render.emit import yaml_text


class EnvoyGateway:
    """Envoy by itself."""

    def files(self, gateway: GatewayPlan, plan: Plan) -> Mapping[str, str]:
        """`envoy.yaml`, the files of `xds/`, and `run.sh`, which starts Envoy and ends it."""
        header = _header(plan, gateway)
        tables = discovery(gateway).items()
        return {
            BOOTSTRAP: yaml_text(bootstrap(gateway), header + _admission(plan, gateway)),
            RUN: (resources.templates() / "envoy" / RUN).read_text(encoding="utf-8"),
            **{f"xds/{name}.yaml": yaml_text({"resources": table}, header) for name, table in tables},
        }

    def service(self, gateway: GatewayPlan) -> Service:
        """Its container."""
        return service(gateway)


ENVOY = EnvoyGateway()


def bootstrap(gateway: GatewayPlan) -> Words:
    """What a process of Envoy starts with; a change here needs a restart."""
    return {
        "node": {"id": gateway.name, "cluster": "fleet"},
        "admin": {"address": {"socket_address": {"address": "127.0.0.1", "port_value": ADMIN_PORT}}},
        "bootstrap_extensions": [
            named("envoy.bootstrap.internal_listener", extension("bootstrap.internal_listener.v3.InternalListener"))
        ],
        "dynamic_resources": {"cds_config": discovered("clusters")},
        "static_resources": {
            "clusters": [clusters.administration()],
            "listeners": [*listeners(gateway, scripts(), first_event()), metrics()],
        },
    }


def discovery(gateway: GatewayPlan) -> dict[str, list[Words]]:
    """The watched files by name; a change there counts without a restart."""
    return {
        "clusters": list(clusters.clusters(gateway)),
        "tenants": [routes.tenants(gateway)],
        "routes": [routes.routes(gateway)],
        "tiers": [routes.tiers(gateway)],
        "backends": [routes.backends(gateway)],
    }


def scripts() -> dict[str, str]:
    """The Lua of the filters, by name."""
    folder = resources.templates() / "envoy"
    return {name: (folder / f"{name}.lua").read_text(encoding="utf-8") for name in ("tenant", "user", "hop", "backend")}


def first_event() -> str:
    """The filter that holds an answer back until its first event, as base64."""
    return base64.b64encode((resources.templates() / "envoy" / "first-event.wasm").read_bytes()).decode()


def _header(plan: Plan, gateway: GatewayPlan) -> str:
    return (
        f"Envoy {gateway.version}: gateway {gateway.name} of fleet {plan.fleet}, environment {plan.environment}.\n"
        "Written by gen; edit the spec instead."
    )


def _admission(plan: Plan, gateway: GatewayPlan) -> str:
    guarded = any(cluster.name == gateway.cluster and cluster.kubernetes for cluster in plan.clusters)
    return f"\nIts pods need the label {ADMITTED}: the models' network policies let in nobody else." if guarded else ""
