"""What Kubernetes refuses for its size is told before anybody installs it."""

from collections.abc import Mapping

import pytest

from generator.core.artifact import Artifact, ArtifactSet
from generator.core.plan import GatewayPlan, Plan, Port, ResourcePlan
from generator.core.plan.service import Files, Health, Service
from generator.gateways import GATEWAYS
from generator.targets.helm.limits import LARGEST_CONFIG_MAP, oversized
from tests import plans, serving

RELEASE = "helm/cloud/edge.gateway.values.yaml"


class Kind:
    """A gateway whose container reads one file and one folder."""

    def __init__(self, files: Mapping[str, str]) -> None:
        self.made = files

    def files(self, gateway: GatewayPlan, plan: Plan) -> Mapping[str, str]:
        return self.made

    def service(self, gateway: GatewayPlan) -> Service:
        return Service(
            image=gateway.image,
            ports=(Port("http", 80),),
            files=Files(("fixed",), apart="/etc/a", together="/etc/b", watched="live"),
            health=Health("/", "/", (), 1, 1, 1, 1),
            resources=ResourcePlan(),
            drain_s=0,
        )


KIND = Kind({})
WHOLE = "x" * LARGEST_CONFIG_MAP


@pytest.mark.parametrize(
    ("files", "cluster", "told"),
    [
        ({"fixed": "", "live/a": WHOLE}, "cloud", False),
        ({"fixed": "1", "live/a": WHOLE}, "cloud", True),
        ({"fixed": "", "aside": f"{WHOLE}1"}, "cloud", False),
        ({"fixed": f"{WHOLE}1"}, "desk", False),
        ({"fixed": "\u00e9" * (LARGEST_CONFIG_MAP // 2 + 1)}, "cloud", True),
    ],
    ids=["just fits", "one byte more", "a file that no pod reads", "no release", "bytes and not characters"],
)
def test_files_of_a_release_fit_its_config_map(
    files: dict[str, str], cluster: str, told: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(GATEWAYS, "sized", f"{__name__}:KIND")
    monkeypatch.setattr(KIND, "made", files)
    plan = plans.plan(gateways=(serving.gateway((), kind="sized", cluster=cluster),))
    found = list(oversized(plan, ArtifactSet([Artifact(RELEASE, b"", "helm")])))
    assert [item.id for item in found] == ["GEN407"] * told
    assert all(item.location and item.location.file == RELEASE for item in found)
