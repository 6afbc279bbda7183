"""Envoy: a static bootstrap of four listeners, and the tables they follow as files that are watched.

A call goes from listener to listener inside one process: who calls (`tenants`), which model (`routes`), which tier
(`tiers`), which backend (`backends`). So each has retries, limits and filters of its own; docs/adr/0008 says why.
"""

import base64
from collections.abc import Mapping

from generator import resources
from generator.core.plan import GatewayPlan, Plan
from generator.core.plan.network import CA_FILE
from generator.core.plan.service import Service
from generator.gateways.envoy import clusters, overload, routes
from generator.gateways.envoy.listeners import listeners, metrics
from generator.gateways.envoy.service import service
from generator.gateways.envoy.words import ADMIN_PORT, BOOTSTRAP, RUN, Words, discovered, extension, named
from generator.gateways.pods import admission
from generator.render.emit import yaml_text
from generator.render.header import owner


class EnvoyGateway:
    """Envoy by itself."""

    def files(self, gateway: GatewayPlan, plan: Plan) -> Mapping[str, str]:
        """`envoy.yaml`, the files of `xds/`, and `run.sh`, which starts Envoy and ends it."""
        header = _header(gateway, plan)
        tables = discovery(gateway, _trusted(gateway, plan)).items()
        return {
            BOOTSTRAP: yaml_text(bootstrap(gateway), "\n".join([header, *admission(gateway, plan)])),
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
        "overload_manager": overload.manager(),
        "bootstrap_extensions": [
            named("envoy.bootstrap.internal_listener", extension("bootstrap.internal_listener.v3.InternalListener"))
        ],
        "dynamic_resources": {"cds_config": discovered("clusters")},
        "static_resources": {
            "clusters": [clusters.administration()],
            "listeners": [*listeners(gateway, scripts(), first_event()), metrics()],
        },
    }


def discovery(gateway: GatewayPlan, trusted: str = clusters.TRUSTED) -> dict[str, list[Words]]:
    """The watched files by name; a change there counts without a restart. `trusted` is the file of authorities."""
    return {
        "clusters": list(clusters.clusters(gateway, trusted)),
        "tenants": [routes.tenants(gateway)],
        "routes": [routes.routes(gateway)],
        "tiers": [routes.tiers(gateway)],
        "backends": [routes.backends(gateway)],
    }


def _trusted(gateway: GatewayPlan, plan: Plan) -> str:
    """The authorities of the cluster where it runs, which Envoy reads from no variable."""
    known = (cluster for cluster in plan.clusters if cluster.name == gateway.cluster)
    return CA_FILE if any(cluster.authorities for cluster in known) else clusters.TRUSTED


def scripts() -> dict[str, str]:
    """The Lua of the filters, by name."""
    folder = resources.templates() / "envoy"
    return {name: (folder / f"{name}.lua").read_text(encoding="utf-8") for name in ("tenant", "user", "hop", "backend")}


def first_event() -> str:
    """The filter that holds an answer back until its first event, as base64."""
    return base64.b64encode((resources.templates() / "envoy" / "first-event.wasm").read_bytes()).decode()


def _header(gateway: GatewayPlan, plan: Plan) -> str:
    what = f"Envoy {gateway.version}: gateway {gateway.name} of {owner(plan)}"
    return f"{what}.\nWritten by gen; edit the spec instead."
