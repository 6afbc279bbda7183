"""What there is to say of a gateway: what runs, whom it serves, and where it does otherwise than is written."""

from collections.abc import Iterable, Iterator

from generator.core.finding import Finding, path_text
from generator.core.plan import GatewayPlan
from generator.core.words import counted


def row(gateway: GatewayPlan) -> tuple[str, str]:
    """A gateway in the overview."""
    return path_text(gateway.path), f"{gateway.kind} {gateway.version} on {gateway.cluster}, {_served(gateway)}"


def lines(gateway: GatewayPlan) -> Iterator[str]:
    """What was decided of it."""
    yield f"  image: {gateway.image.reference}"
    yield f"  serves: {', '.join(route.name for route in gateway.routes) or 'no route'}"
    if gateway.tenants:
        yield f"  admits: {', '.join(tenant.name for tenant in gateway.tenants)}"
    if gateway.host_port:
        yield f"  host port: {gateway.host_port}"
    else:
        least, most = gateway.min_replicas, gateway.max_replicas
        yield f"  pods: {least if least == most else f'{least} to {most}'}"


def remarks(gateway: GatewayPlan, findings: Iterable[Finding]) -> Iterator[Finding]:
    """What asks for nothing and is of this gateway, or of its kind at one of its routes and tenants."""
    own = {route.path for route in gateway.routes} | {tenant.path for tenant in gateway.tenants}
    for item in findings:
        at_gateway = item.path[: len(gateway.path)] == gateway.path
        at_route = item.path[:2] in own and item.message.startswith(f"{gateway.kind} ")
        if item.aside and (at_gateway or at_route):
            yield item


def told(items: Iterable[Finding]) -> Iterator[str]:
    """Remarks, each with its place."""
    for item in items:
        yield f"  {path_text(item.path)}: {item.message}"
        yield f"    why   {item.cause}"


def _served(gateway: GatewayPlan) -> str:
    port = f"host port {gateway.host_port}, " if gateway.host_port else ""
    return f"{port}{counted(len(gateway.routes), 'route')}"
