"""What Kubernetes refuses for its size, although every value in it is right."""

from collections import defaultdict
from collections.abc import Iterator

from generator.core.artifact import ArtifactSet
from generator.core.finding import Finding, Location
from generator.core.kinds import output as kinds

LARGEST_CONFIG_MAP = 1024 * 1024
"""Bytes of all values of one (kubernetes.io/docs/concepts/configuration/configmap)."""

_RELEASE = ".gateway.values.yaml"
# Not in the pods: the neutral table, and the requests that create tenants' keys.
_ASIDE = ("/routes.json", "/tenants.json")


def oversized(artifacts: ArtifactSet) -> Iterator[Finding]:
    """A finding for each gateway release whose files do not fit the ConfigMap that holds them."""
    mounted: dict[str, int] = defaultdict(int)
    for item in artifacts:
        if item.path.startswith("gateway/") and not item.path.endswith(_ASIDE):
            mounted[item.path.split("/")[1]] += len(item.content)
    for item in artifacts:
        name = item.path.rpartition("/")[2].removesuffix(_RELEASE)
        if item.path.endswith(_RELEASE) and mounted[name] > LARGEST_CONFIG_MAP:
            yield kinds.TOO_LARGE.at(
                (),
                f"the files of gateway {name!r} do not fit a ConfigMap",
                cause=f"they have {mounted[name] / 2**20:.1f} MiB, and Kubernetes takes 1 MiB",
                help="let several gateways serve a part of the routes each (`routes` of a gateway)",
            ).located(Location(item.path, 0, 0, 0, ""))
