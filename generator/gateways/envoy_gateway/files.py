"""Envoy Gateway with Envoy AI Gateway: a gateway as objects of Kubernetes, and a script that lays out its keys.

Two controllers in the cluster make pods of Envoy out of the objects; `cluster/<cluster>/addons/` has their charts.
Versions of the definitions stand in tools/crds/go.mod, against which the tests hold the objects.
"""

from collections.abc import Iterator

from generator.core.artifact import Artifact
from generator.core.plan import Plan
from generator.gateways.envoy_gateway import backends, proxy, routes
from generator.gateways.envoy_gateway.words import MASTER, Place, place
from generator.render.emit import yaml_documents
from generator.render.header import header, owner
from generator.render.text import render_template


class EnvoyGatewayTarget:
    """`manifests/` for kubectl, and `secrets.sh`."""

    name = "envoy-gateway"

    def render(self, plan: Plan) -> Iterator[Artifact]:
        """The files of every gateway of kind `envoy-gateway`."""
        clusters = {cluster.name: cluster for cluster in plan.clusters}
        for gateway in plan.gateways:
            if gateway.kind == self.name:
                for path, text in files(place(gateway, clusters[gateway.cluster], plan)):
                    yield Artifact(f"gateway/{gateway.name}/{path}", text.encode(), self.name)


ENVOY_GATEWAY = EnvoyGatewayTarget()


def files(where: Place) -> Iterator[tuple[str, str]]:
    """Paths below the gateway's folder, and their texts."""
    yield "secrets.sh", _script(where)
    parts = {
        "backends": list(backends.objects(where)),
        "gateway": list(proxy.objects(where)),
        "routes": list(routes.objects(where)),
    }
    for name, found in parts.items():
        if found:
            yield f"manifests/{name}.yaml", yaml_documents(found, _header(where))


def _script(where: Place) -> str:
    gateway = where.gateway
    callers = [(tenant.name, tenant.key) for tenant in gateway.tenants] + [(MASTER, gateway.master_key)]
    secrets = {where.callers: callers} | {name: [("apiKey", ref)] for ref, name in where.secrets.items()}
    laid = {
        name: [(key, ref.secret, f"{{.data.{ref.key.replace('.', chr(92) + '.')}}}") for key, ref in entries]
        for name, entries in secrets.items()
    }
    return render_template("envoy-gateway/secrets.sh.j2", plan=where.plan, place=where, secrets=laid)


def _header(where: Place) -> str:
    gateway = where.gateway
    return header(
        f"Gateway {gateway.name} of {owner(where.plan)}",
        f"sh secrets.sh && kubectl apply -f manifests/   (the charts in cluster/{gateway.cluster}/addons come first)",
    )
