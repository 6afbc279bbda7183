"""A snapshot of a cache is served with what its links lead to."""

from pathlib import Path, PurePosixPath

import pytest

from generator.core.lazy import load
from generator.core.plan import SourcePlan
from generator.engines import ENGINES
from generator.engines.caches import cached
from tests.serving import request

CACHE = "/srv/hub/models--Qwen--Qwen3-14B"


@pytest.mark.parametrize(
    ("ref", "root", "inner"),
    [
        (f"{CACHE}/snapshots/31c69ef", CACHE, "snapshots/31c69ef"),
        (f"{CACHE}/snapshots/31c69ef/", CACHE, "snapshots/31c69ef"),
        (f"{CACHE}/snapshots/main/awq", CACHE, "snapshots/main/awq"),
        ("claim/hub/models--a--b/snapshots/1", "claim/hub/models--a--b", "snapshots/1"),
        ("claim/models--a--b/snapshots/1", "claim/models--a--b", "snapshots/1"),
        ("/srv/models/qwen3", "/srv/models/qwen3", ""),
        ("/srv/snapshots/1", "/srv/snapshots/1", ""),
    ],
)
def test_the_repository_is_mounted_and_the_snapshot_named(ref: str, root: str, inner: str) -> None:
    assert cached(ref) == (root, inner)


@pytest.mark.parametrize("engine", ["vllm", "tgi"])
@pytest.mark.parametrize("kind", ["path", "pvc"])
def test_the_links_of_a_real_cache_lead_somewhere(engine: str, kind: str, tmp_path: Path) -> None:
    """The container's view is played: what is mounted stands at /models, and nothing else of the host is there."""
    repository = tmp_path / "hub" / "models--a--b"
    (repository / "blobs").mkdir(parents=True)
    (repository / "blobs" / "0a").write_text("{}")
    (repository / "snapshots" / "1").mkdir(parents=True)
    (repository / "snapshots" / "1" / "config.json").symlink_to("../../blobs/0a")
    ref = f"{repository}/snapshots/1" if kind == "path" else "claim/hub/models--a--b/snapshots/1"
    workload = load(ENGINES[engine]).workload(request(engine, kubernetes=True, source=SourcePlan(kind, ref)))
    named = next(word for word in workload.main.args if word.startswith("/models"))
    mount = next(mount for mount in workload.main.mounts if mount.path == "/models")
    volume = next(volume for volume in workload.volumes if volume.name == mount.volume)
    mounted = Path(volume.ref) if kind == "path" else tmp_path / mount.sub_path
    config = mounted / PurePosixPath(named).relative_to("/models") / "config.json"
    assert config.read_text() == "{}"
    assert config.resolve().is_relative_to(mounted)
