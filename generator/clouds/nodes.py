"""What Kubernetes nodes of any platform share: the pool's label, its taints, and what Kubernetes accepts as either."""

import re
from collections.abc import Iterator

from generator.core.finding import Finding, Path
from generator.core.kinds import clouds as kinds
from generator.core.plan import TaintPlan
from generator.core.spec import Pool

POOL_LABEL = "fleetgen.dev/pool"

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def pool_label(name: str) -> dict[str, str]:
    """The label by which pods find the nodes of a pool."""
    return {POOL_LABEL: name}


def taints(pool: Pool) -> tuple[TaintPlan, ...]:
    """The pool's taints, in the order of the spec."""
    return tuple(TaintPlan(taint.key, taint.value, taint.effect) for taint in pool.taints)


def label_findings(pool: Pool, path: Path) -> Iterator[Finding]:
    """Findings for labels and taints whose syntax Kubernetes refuses."""
    for key, value in pool.node_selector.items():
        yield from _syntax(key, value, (*path, "nodeSelector", key))
    for index, taint in enumerate(pool.taints):
        yield from _syntax(taint.key, taint.value, (*path, "taints", index))


def _syntax(key: str, value: str, path: Path) -> Iterator[Finding]:
    if not _key_fits(key):
        yield kinds.BAD_LABEL.at(
            path,
            f"{key!r} is no key of a label or taint",
            cause=f"{len(key)} characters; a key is `name` or `domain/name`, the name of 1 to 63 `A-Za-z0-9-_.`",
            help="use a key such as `nvidia.com/gpu.product`",
            on_key=True,
        )
    elif value and not _NAME.fullmatch(value):
        yield kinds.BAD_LABEL.at(
            path,
            f"{value!r} is no value of a label or taint",
            cause=f"{len(value)} characters; a value is up to 63 `A-Za-z0-9-_.` between letters or digits",
            help="use dashes for blanks, as in `NVIDIA-L40S`",
        )


def _key_fits(key: str) -> bool:
    domain, slash, name = key.rpartition("/")
    if slash and not (len(domain) <= 253 and _DOMAIN.fullmatch(domain)):
        return False
    return _NAME.fullmatch(name) is not None
