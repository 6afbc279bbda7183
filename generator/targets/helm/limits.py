"""What Kubernetes refuses for its size, although every value in it is right."""

from collections.abc import Iterator

from generator.core import layout
from generator.core.artifact import ArtifactSet
from generator.core.finding import Finding, Location
from generator.core.kinds import output as kinds
from generator.core.plan import Plan
from generator.gateways.bundle import Bundle, bundles
from generator.targets.helm.gateway import mounted

LARGEST_CONFIG_MAP = 1024 * 1024
"""Bytes of all values of one (kubernetes.io/docs/concepts/configuration/configmap)."""


def oversized(plan: Plan, artifacts: ArtifactSet) -> Iterator[Finding]:
    """A finding for each gateway release among the artifacts whose files do not fit the ConfigMap that holds them."""
    for item in bundles(plan):
        name, path = item.gateway.name, layout.gateway_release(item.gateway.cluster, item.gateway.name)
        size = _bytes(item) if path in artifacts else 0
        if size > LARGEST_CONFIG_MAP:
            yield kinds.TOO_LARGE.at(
                (),
                f"the files of gateway {name!r} do not fit a ConfigMap",
                cause=f"they have {size / 2**20:.1f} MiB, and Kubernetes takes 1 MiB",
                help="let several gateways serve a part of the routes each (`routes` of a gateway)",
            ).located(Location(path, 0, 0, 0, ""))


def _bytes(item: Bundle) -> int:
    """Of what its container reads."""
    if item.service is None:
        return 0
    return sum(len(text.encode()) for files in mounted(item.service.files, item.files) for text in files.values())
