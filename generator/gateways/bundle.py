"""The gateways of a plan with what their kinds make of them, once for all targets that write it."""

from collections.abc import Iterator, Mapping

from generator.core.errors import BugError
from generator.core.lazy import kept, lazy, load
from generator.core.plan import GatewayPlan, Plan
from generator.core.plan.service import Service
from generator.core.protocols import Gateway
from generator.gateways import GATEWAYS
from generator.gateways.steady import at_one, checksum


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
    def checksum(self) -> str:
        """Of the files that its container reads at its start, but for what follows from the number of replicas."""
        steady = self._kind.files(at_one(self.gateway), self._plan)
        return checksum({name: steady[name] for name in self.service.files.fixed} if self.service else {})

    @lazy
    def service(self) -> Service | None:
        """Its container; None where controllers of the cluster make the pods."""
        return self._kind.service(self.gateway)


@kept
def bundles(plan: Plan) -> Iterator[Bundle]:
    """Every gateway of the plan, by name."""
    return (Bundle(gateway, plan) for gateway in plan.gateways)
