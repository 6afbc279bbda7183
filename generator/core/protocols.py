"""The extension points. These docstrings are the manual for adding one more."""

from collections.abc import Iterable, Mapping, Set
from typing import TYPE_CHECKING, Protocol

from generator.core.artifact import Artifact
from generator.core.finding import Finding, Path
from generator.core.plan import GatewayPlan, NodePool, Plan, ServingRequest, Workload
from generator.core.spec import Cluster, Pool

if TYPE_CHECKING:
    from generator.core.plan.clouds.any import AnyCluster
    from generator.core.plan.service import Service


class Engine(Protocol):
    """Runs a model. Add one: `engines/x.py`, `sizing/servers/x.py`, its facts, a case, a line in each registry."""

    def check(self, request: ServingRequest) -> Iterable[Finding]:
        """What this engine cannot do of what was asked: arguments, quantisation, sources, GPUs."""
        ...

    def workload(self, request: ServingRequest) -> Workload:
        """The workload; called only when `check` found no error.

        It follows from what is asked, and not from where that is written (`path`, `at`) or from the placement's name:
        placements that are alike share one, and one check where it finds nothing.
        """
        ...

    def unshared(self, args: Mapping[str, object], env: Mapping[str, object]) -> tuple[str, str]:
        """What keeps replicas from starting with one read-only copy of the weights: the setting, and why.

        Both are empty where nothing does. The setting is written as in `ServingRequest.at` (`args.tokenizer`).
        """
        ...


class Cloud(Protocol):
    """Turns a spec pool into nodes. Add one: `clouds/x.py`, a Terraform module, a case, and one line in `CLOUDS`.

    A cloud that rents machines has its types in `core/plan/clouds/x.py`, which `any.py` beside it names.

    `lacks` is what GPUs need of a cluster that this platform does not bring: the `driver`, with all that goes with it,
    the `device-plugin` alone, an `autoscaler` of nodes. The catalogue's charts supply it.
    """

    lacks: Set[str]

    def check(self, cluster: Cluster, path: Path) -> Iterable[Finding]:
        """What of a cluster this platform lacks or has no use for (`region`, `endpoint`, ...)."""
        ...

    def cluster(self, name: str, cluster: Cluster, path: Path) -> "tuple[AnyCluster | None, Iterable[Finding]]":
        """What the cloud adds to a cluster, None where no cloud runs it, and findings of one to create.

        A new cluster is called `name` by default; `path` is that of `create`.
        """
        ...

    def node_pool(
        self, name: str, pool: Pool, cluster: Cluster, path: Path
    ) -> tuple[NodePool | None, Iterable[Finding]]:
        """The pool's nodes, and findings; None when there can be no such nodes."""
        ...


class Gateway(Protocol):
    """Carries out a route table.

    Add one: `gateways/x/`, `catalog/data/gateways/x.yaml`, a runner, a case, and one line in `GATEWAYS`.
    """

    def files(self, gateway: GatewayPlan, plan: Plan) -> Mapping[str, str]:
        """What its program reads: texts by path below the gateway's folder."""
        ...

    def service(self, gateway: GatewayPlan) -> "Service | None":
        """Its container; None where controllers of the cluster make the pods."""
        ...


class Target(Protocol):
    """Writes a family of files from the plan. Add one: `targets/x/target.py`, a case, one line in `TARGETS`."""

    def render(self, plan: Plan) -> Iterable[Artifact]:
        """The files, in any order, owned by the target's name; paths as core/layout.py says."""
        ...


class Report(Protocol):
    """Prints findings in one format."""

    def findings(self, findings: Iterable[Finding], *, colour: bool) -> str:
        """The text for stdout, with a final newline; empty when there is nothing to say."""
        ...
