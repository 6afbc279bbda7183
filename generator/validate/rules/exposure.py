"""What a gateway's exposure says must be one way in."""

from collections.abc import Iterator

from generator.core.finding import Finding, Findings
from generator.core.kinds import routing as kinds
from generator.core.spec import Fleet


def one_way(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """Exactly one of `ingress` and `gateway`."""
    for name, gateway in fleet.gateways.items():
        spec = gateway.expose
        if spec is None or (spec.ingress is None) is not (spec.gateway is None):
            continue
        both = spec.ingress is not None
        yield kinds.ONE_WAY_IN.at(
            ("gateways", name, "expose"),
            "`expose` needs exactly one of `ingress` and `gateway`",
            cause="it has both" if both else "it has neither",
            help="remove one of them" if both else "write `ingress: {class: nginx}` or `gateway: {name: ...}`",
            on_key=True,
        )
