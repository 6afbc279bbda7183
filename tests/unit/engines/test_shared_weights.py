"""Weights that replicas share: who can, what their pods are told, and what the job leaves in the claim."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from generator import resources
from generator.core.lazy import load
from generator.core.plan import SharedWeights, SourcePlan
from generator.engines import ENGINES, common
from tests.serving import REQUESTS

SCRIPT = resources.templates() / "engines" / "fetch_weights.py"
ABLE = [name for name in ENGINES if not load(ENGINES[name]).unshared({}, {})[0]]
SHARED = replace(REQUESTS["vllm"], kubernetes=True, shared=SharedWeights("efs", 50.0, 300))

HUB = '''
"""A hub of files: `hub.json` says which commit a revision is and which files it has."""
import json
from fnmatch import fnmatch
from pathlib import Path
from types import SimpleNamespace as Space

HUB = json.loads((Path(__file__).parent / "hub.json").read_text())["acme/m"]


class HfApi:
    def model_info(self, repository, *, revision):
        commit = HUB[revision]
        return Space(sha=commit["sha"], siblings=[Space(rfilename=name) for name in commit["files"]])


def snapshot_download(repository, *, revision, local_dir, ignore_patterns):
    commit = next(commit for commit in HUB.values() if commit["sha"] == revision)
    for name in commit["files"]:
        if not any(fnmatch(name, pattern) for pattern in ignore_patterns):
            path = local_dir / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(commit["sha"])
    if commit.get("breaks"):
        raise OSError("the hub is away")
'''


def fetch(folder: Path, hub: dict[str, dict[str, object]], revision: str) -> int:
    """The job of one revision, as the chart runs it: the script as a text, in a Python that has the hub's library."""
    library = folder / "library"
    library.mkdir(exist_ok=True)
    (library / "huggingface_hub.py").write_text(HUB)
    (library / "hub.json").write_text(json.dumps({"acme/m": hub}))
    (folder / "models").mkdir(exist_ok=True)
    request = replace(SHARED, source=SourcePlan("huggingface", "acme/m", revision=revision))
    (job,) = common.fetches(request, "python3")
    words = [word.replace("/models/", f"{folder}/models/") for word in job.command[2:]]
    env = {**os.environ, "PYTHONPATH": str(library)}
    return subprocess.run([sys.executable, "-c", *words], env=env, capture_output=True, check=False).returncode


def held(folder: Path) -> set[str]:
    """Revisions that are there; each complete one has its marker, and no marker stands alone."""
    found = {path.name for path in (folder / "models").glob("*") if path.is_dir()}
    assert {path.name.removesuffix(".complete") for path in (folder / "models").glob("*.complete")} <= found
    return {name.removeprefix("acme--m@") for name in found}


def commit(sha: str, *files: str, **more: object) -> dict[str, object]:
    return {"sha": sha, "files": [*files] or ["model.safetensors", "config.json"], **more}


@pytest.mark.parametrize("name", ABLE)
def test_pods_start_offline_from_a_folder_that_they_only_read(name):
    work = load(ENGINES[name]).workload(replace(REQUESTS[name], kubernetes=True, shared=SHARED.shared))
    assert "/models/Qwen--Qwen3-14B-AWQ@main" in work.main.args
    assert work.main.env["HF_HUB_OFFLINE"] == "1"
    (wait,), (job,) = work.init, work.jobs
    assert [mount.read_only for mount in (*work.main.mounts, *wait.mounts) if mount.volume == "weights"] == [True, True]
    assert [mount.read_only for mount in job.mounts] == [False]
    assert wait.command[-1] == f"{job.command[-1]}.complete"
    assert job.command[-1] in work.main.args
    assert job.env["HF_HUB_OFFLINE"] == "0"
    assert {item.env["NVIDIA_VISIBLE_DEVICES"] for item in (wait, job)} == {"void"}, "neither was given a GPU"
    assert job.env["HF_TOKEN"] == SHARED.source.token
    assert work.jobs_s == 300


@pytest.mark.parametrize("name", ABLE)
def test_without_a_claim_nothing_waits(name):
    work = load(ENGINES[name]).workload(replace(REQUESTS[name], kubernetes=True))
    assert (work.init, work.jobs, work.jobs_s) == ((), (), 0)
    assert SHARED.source.ref in work.main.args


@pytest.mark.parametrize("name", ABLE)
def test_each_revision_has_a_folder_of_its_own(name):
    sources = [
        SourcePlan("huggingface", ref, revision=revision)
        for ref in ("acme/m", "acme/n")
        for revision in ("", "v1", "refs/pr/1")
    ]
    shared = replace(REQUESTS[name], kubernetes=True, shared=SHARED.shared)
    works = [load(ENGINES[name]).workload(replace(shared, source=source)) for source in sources]
    names = [word.removeprefix("/models/") for work in works for word in work.main.args if word.startswith("/models/")]
    assert len(names) == len(sources)
    assert len(set(names)) == len(names)
    assert not any("/" in name for name in names)
    assert not any("--revision" in work.main.args for work in works)


@pytest.mark.parametrize(
    ("args", "env", "setting"),
    [
        ({"load-format": "pt"}, {}, "args.load-format"),
        ({"load-format": "runai_streamer"}, {}, "args.load-format"),
        ({}, {"VLLM_USE_MODELSCOPE": "true"}, "env.VLLM_USE_MODELSCOPE"),
        ({"load-format": "auto"}, {}, ""),
        ({"tokenizer": "acme/tokenizer"}, {"HF_ENDPOINT": "https://hub.example.com"}, ""),
        ({}, {}, ""),
    ],
)
def test_what_the_job_does_not_fetch_keeps_a_placement_apart(args, env, setting):
    assert load(ENGINES["vllm"]).unshared(args, env)[0] == setting


def test_a_further_repository_is_asked_of_the_hub():
    """As with weights from a claim of one's own: its files go into the pod's cache."""
    work = load(ENGINES["vllm"]).workload(replace(SHARED, args={"tokenizer": "acme/tokenizer"}))
    assert "HF_HUB_OFFLINE" not in work.main.env


@pytest.mark.parametrize("name", sorted(ENGINES))
def test_an_engine_that_cannot_share_says_so_before_anything_else(name):
    setting, why = load(ENGINES[name]).unshared({}, {})
    assert (setting, bool(why)) in {("", False), ("engine", True)}


def test_only_what_is_loaded_is_fetched(tmp_path):
    files = ("model.safetensors", "config.json", "pytorch_model.bin", "original/consolidated.00.pth", "tekken.json")
    assert fetch(tmp_path, {"main": commit("a" * 40, *files)}, "") == 0
    found = {path.name for path in (tmp_path / "models" / "acme--m@main").rglob("*")}
    assert found == {"model.safetensors", "config.json", "tekken.json"}


def test_weights_without_safetensors_are_fetched_as_they_are(tmp_path):
    assert fetch(tmp_path, {"main": commit("a" * 40, "pytorch_model.bin", "config.json")}, "") == 0
    found = {path.name for path in (tmp_path / "models" / "acme--m@main").rglob("*")}
    assert found == {"pytorch_model.bin", "config.json"}


def test_there_is_room_for_two_revisions(tmp_path):
    hub = {name: commit(name * 40) for name in "abc"}
    for revision, expected in (("a", "a"), ("b", "ab"), ("c", "bc"), ("b", "bc"), ("a", "ab")):
        assert fetch(tmp_path, hub, revision) == 0
        assert held(tmp_path) == {*expected}


def test_a_branch_is_fetched_once(tmp_path):
    for sha in "ab":
        assert fetch(tmp_path, {"main": commit(sha * 40)}, "") == 0
        assert (tmp_path / "models" / "acme--m@main" / "config.json").read_text() == "a" * 40


def test_what_broke_off_is_not_complete_and_goes_on(tmp_path):
    hub = {"a": commit("a" * 40), "b": commit("b" * 40, breaks=True), "c": commit("c" * 40)}
    assert fetch(tmp_path, hub, "a") == 0
    assert fetch(tmp_path, hub, "b") != 0
    assert [path.name for path in (tmp_path / "models").glob("*.complete")] == ["acme--m@a.complete"]
    assert held(tmp_path) == {"a", "b"}
    assert fetch(tmp_path, hub, "c") == 0
    assert held(tmp_path) == {"a", "c"}, "a revision that was given up takes no room"
