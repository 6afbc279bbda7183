"""What Kubernetes nodes of any platform share: the pool's label, its taints, and what Kubernetes accepts as either."""

import re
from collections.abc import Iterator

from generator.core.accelerators import RESOURCE
from generator.core.finding import Finding, Path
from generator.core.kinds import clouds as kinds
from generator.core.labels import POOL
from generator.core.plan import TaintPlan
from generator.core.spec import Pool

# The kubelet sets labels itself and refuses Kubernetes' own domains, but for these.
_KUBELET_MAY_SET = ("node.kubernetes.io", "kubelet.kubernetes.io")
_KUBERNETES_DOMAINS = ("kubernetes.io", "k8s.io")

_NAME = re.compile(r"[A-Za-z0-9]([A-Za-z0-9_.-]{0,61}[A-Za-z0-9])?")
_DOMAIN = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*")


def pool_label(name: str) -> dict[str, str]:
    """The label by which pods find the nodes of a pool."""
    return {POOL: name}


def taints(pool: Pool) -> tuple[TaintPlan, ...]:
    """The pool's taints, in the order of the spec."""
    return tuple(TaintPlan(taint.key, taint.value, taint.effect) for taint in pool.taints)


def label_findings(pool: Pool, path: Path) -> Iterator[Finding]:
    """Findings for labels and taints whose syntax Kubernetes refuses."""
    for key, value in pool.node_selector.items():
        yield from _syntax(key, value, (*path, "nodeSelector", key))
    for index, taint in enumerate(pool.taints):
        yield from _syntax(taint.key, taint.value, (*path, "taints", index))


def reserved_labels(pool: Pool, path: Path, domains: tuple[str, ...]) -> Iterator[Finding]:
    """Findings for labels that created nodes may not carry; `domains` are those of the platform."""
    for key in pool.node_selector:
        domain = key.rpartition("/")[0]
        if _within(domain, (*_KUBERNETES_DOMAINS, *domains)) and not _within(domain, _KUBELET_MAY_SET):
            yield kinds.BAD_LABEL.at(
                (*path, "nodeSelector", key),
                f"nodes may not label themselves {key!r}",
                cause=f"{domain} is reserved, and the label would be set when a node registers",
                help=f"use a domain of your own; `{POOL}` is set without being asked",
                on_key=True,
            )


def _within(domain: str, parents: tuple[str, ...]) -> bool:
    return any(domain == parent or domain.endswith(f".{parent}") for parent in parents)


def _syntax(key: str, value: str, path: Path) -> Iterator[Finding]:
    if not _key_fits(key):
        yield kinds.BAD_LABEL.at(
            path,
            f"{key!r} is not a valid key of a label or taint",
            cause=f"{len(key)} characters; a key is `name` or `domain/name`, the name of 1 to 63 `A-Za-z0-9-_.`",
            help=f"use a key such as `{RESOURCE}.product`",
            on_key=True,
        )
    elif value and not _NAME.fullmatch(value):
        yield kinds.BAD_LABEL.at(
            path,
            f"{value!r} is not a valid value of a label or taint",
            cause=f"{len(value)} characters; a value is up to 63 `A-Za-z0-9-_.` between letters or digits",
            help="use dashes in place of spaces, as in `NVIDIA-L40S`",
        )


def _key_fits(key: str) -> bool:
    domain, slash, name = key.rpartition("/")
    if slash and not (len(domain) <= 253 and _DOMAIN.fullmatch(domain)):
        return False
    return _NAME.fullmatch(name) is not None
