"""Envoy Gateway with Envoy AI Gateway: a gateway as objects of Kubernetes, and a script that lays out its keys.

Two controllers in the cluster make pods of Envoy out of the objects; `cluster/<cluster>/addons/` has their charts.
Versions of the definitions stand in tools/crds/go.mod, against which the tests hold the objects.
"""

from collections.abc import Mapping

from generator.core import layout
from generator.core.plan import GatewayPlan, Plan
from generator.gateways.envoy_gateway import backends, proxy, routes
from generator.gateways.envoy_gateway.words import MASTER, Place, place
from generator.render.emit import yaml_documents
from generator.render.header import header, owner
from generator.render.text import render_template


class AiGateway:
    """Envoy Gateway with Envoy AI Gateway."""

    def files(self, gateway: GatewayPlan, plan: Plan) -> Mapping[str, str]:
        """`secrets.sh`, and `manifests/` for kubectl."""
        where = place(gateway, plan.cluster(gateway.cluster), plan)
        manifests = {
            "backends": list(backends.objects(where)),
            "gateway": list(proxy.objects(where)),
            "routes": list(routes.objects(where)),
        }
        texts = {name: yaml_documents(objects, _header(where)) for name, objects in manifests.items() if objects}
        return {"secrets.sh": _script(where), **{f"manifests/{name}.yaml": text for name, text in texts.items()}}

    def service(self, gateway: GatewayPlan) -> None:
        """None: its pods are made of the objects."""


ENVOY_GATEWAY = AiGateway()


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
        f"sh secrets.sh && kubectl apply -f manifests/   (the charts in {layout.addons(gateway.cluster)} come first)",
    )
