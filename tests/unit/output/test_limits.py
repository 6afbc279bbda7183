"""What Kubernetes refuses for its size is told before anybody installs it."""

import pytest

from generator.core.artifact import Artifact, ArtifactSet
from generator.output.limits import LARGEST_CONFIG_MAP, oversized

RELEASE = Artifact("helm/cloud/edge.gateway.values.yaml", b"", "helm")


@pytest.mark.parametrize(
    ("files", "told"),
    [
        ({"gateway/edge/xds/tiers.yaml": LARGEST_CONFIG_MAP}, False),
        ({"gateway/edge/xds/tiers.yaml": LARGEST_CONFIG_MAP, "gateway/edge/envoy.yaml": 1}, True),
        ({"gateway/edge/routes.json": LARGEST_CONFIG_MAP, "gateway/edge/envoy.yaml": 1}, False),
        ({"gateway/desk/envoy.yaml": LARGEST_CONFIG_MAP + 1}, False),
    ],
    ids=["just fits", "one byte more", "a file that no pod reads", "no release"],
)
def test_files_of_a_release_fit_its_config_map(files: dict[str, int], told: bool) -> None:
    artifacts = ArtifactSet([RELEASE, *(Artifact(path, b"x" * size, "envoy") for path, size in files.items())])
    assert [(item.id, item.location and item.location.file) for item in oversized(artifacts)] == (
        [("GEN407", RELEASE.path)] if told else []
    )
