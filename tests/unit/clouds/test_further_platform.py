"""One platform more, as its recipe in docs/extending.md says: nodes that exist already get all that others' get."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import yaml

from generator import resources
from generator.clouds import CLOUDS, onprem
from generator.load import shapes
from generator.schemas import schema_files
from tests import gen_command
from tests.gen_command import Gen

gen = gen_command.gen
POOL = {"gpu": "l40s", "gpusPerNode": 2, "nodes": 2, "hosts": ["a", "b"], "taints": [{"key": "team", "value": "x"}]}
FLEET = {
    "apiVersion": "fleetgen/v1",
    "name": "toys",
    "clusters": {"hall": {"platform": "kubernetes", "pools": {"cards": POOL}}},
    "models": {
        "chat": {
            "engine": {"name": "vllm"},
            "source": {"huggingface": "Qwen/Qwen3-8B"},
            "placements": {"hall": {"cluster": "hall", "pool": "cards"}},
        }
    },
    "routes": {"chat": {"tiers": [[{"model": "chat"}]]}},
    "gateways": {kind: {"kind": kind, "cluster": "hall"} for kind in ("envoy-gateway", "litellm")},
}


class Bare(onprem.OnPrem):
    """A platform of its own, whose nodes are there."""


BARE = Bare()


@pytest.fixture
def bare(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The platform `bare` in the registry, and in the schemas that follow from it."""
    monkeypatch.setitem(CLOUDS, "bare", f"{__name__}:BARE")
    schemas = tmp_path / "schemas"
    schemas.mkdir()
    for name, text in schema_files().items():
        (schemas / name).write_text(text)
    monkeypatch.setattr(resources, "schemas", lambda: schemas)
    shapes.fleet_shapes.cache_clear()
    yield
    shapes.fleet_shapes.cache_clear()


def rendered(gen: Gen, platform: str) -> dict[str, bytes]:
    """All that is written of the fleet but the records of the run."""
    Path("fleet.yaml").write_text(yaml.safe_dump(FLEET).replace("platform: kubernetes", f"platform: {platform}"))
    for verb in (["validate", "fleet.yaml"], ["render", "fleet.yaml", "--out", platform]):
        done = gen(*verb)
        assert done.code == 0, done.out + done.err
    files = [path for path in Path(platform).rglob("*") if path.is_file() and ".gen" not in path.parts]
    return {path.relative_to(platform).as_posix(): path.read_bytes() for path in files}


@pytest.mark.usefixtures("bare")
def test_it_gets_all_that_a_cluster_of_existing_nodes_gets(gen: Gen) -> None:
    Path("fleet.prod.yaml").unlink()
    known, further = rendered(gen, "kubernetes"), rendered(gen, "bare")
    names = {path.partition("/cluster/hall/")[2] for path in known}
    charts = {f"addons/{name}/values.yaml" for name in ("gpu-operator", "gateway-helm")}
    assert {"label-nodes.sh", "node-labels.yaml", "namespace.yaml"} | charts <= names
    assert further == known
    asked = (["explain", "fleet.yaml", "models.chat.placements.hall"], ["diff", "fleet.yaml", "--out", "bare"])
    assert [gen(*words).code for words in asked] == [0, 0]
    assert gen("diff", "fleet.yaml", "--out", "kubernetes").code in (0, 1)
