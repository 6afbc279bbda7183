"""The extension points. These docstrings are the manual for adding one more."""

from collections.abc import Iterable
from typing import Protocol

from generator.core.artifact import Artifact
from generator.core.finding import Finding, Path
from generator.core.plan import NodePool, Plan, ServingRequest, Workload
from generator.core.spec import Cluster, Pool


class Engine(Protocol):
    """Runs a model. Add one: `engines/x.py`, `catalog/engines/x.yaml`, a case, and one line in `ENGINES`."""

    def check(self, request: ServingRequest) -> Iterable[Finding]:
        """What this engine cannot do of what was asked: arguments, quantisation, sources, GPUs."""
        ...

    def workload(self, request: ServingRequest) -> Workload:
        """The workload; called only when `check` found no error."""
        ...


class Cloud(Protocol):
    """Turns a spec pool into nodes. Add one: `clouds/x.py`, a Terraform module, a case, and one line in `CLOUDS`."""

    def check(self, cluster: Cluster, path: Path) -> Iterable[Finding]:
        """What of a cluster this platform lacks or has no use for (`region`, `endpoint`, ...)."""
        ...

    def node_pool(
        self, name: str, pool: Pool, cluster: Cluster, path: Path
    ) -> tuple[NodePool | None, Iterable[Finding]]:
        """The pool's nodes, and findings; None when there can be no such nodes."""
        ...


class Target(Protocol):
    """Writes a family of files from the plan. Add one: `targets/x.py`, a case, and one line in `TARGETS`."""

    name: str

    def render(self, plan: Plan) -> Iterable[Artifact]:
        """The files, in any order; paths as docs/outputs.md says."""
        ...


class Report(Protocol):
    """Prints findings in one format."""

    def findings(self, findings: Iterable[Finding], *, colour: bool) -> str:
        """The text for stdout, with a final newline; empty when there is nothing to say."""
        ...
