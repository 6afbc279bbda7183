"""The gateways of a plan with what their kinds make of them, once for all targets that write it."""

from collections.abc import Iterator, Mapping

from generator.core.errors import BugError
from generator.core.lazy import kept, lazy, load
from generator.core.plan import GatewayPlan, Plan
from generator.core.plan.service import Service
from generator.core.protocols import Gateway
from generator.gateways import GATEWAYS


class Bundle:
    """A gateway, its files and its container. Each is made when it is first asked for."""

    def __init__(self, gateway: GatewayPlan, plan: Plan) -> None:
        self.gateway = gateway
        self._plan = plan

    @lazy
    def _kind(self) -> Gateway:
        reference = GATEWAYS.get(self.gateway.kind)
        if reference is None:
            raise BugError(f"no gateway of kind {self.gateway.kind!r}")
        kind: Gateway = load(reference)
        return kind

    @lazy
    def files(self) -> Mapping[str, str]:
        """Texts by path below the gateway's folder."""
        return self._kind.files(self.gateway, self._plan)

    @lazy
    def service(self) -> Service | None:
        """Its container; None where controllers of the cluster make the pods."""
        return self._kind.service(self.gateway)


@kept
def bundles(plan: Plan) -> Iterator[Bundle]:
    """Every gateway of the plan, by name."""
    return (Bundle(gateway, plan) for gateway in plan.gateways)
