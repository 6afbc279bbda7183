"""Same spec, same bytes: whatever the hash seed, locale, time zone, working directory or order of the spec's maps."""

import hashlib
import os
import random
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[1]
STACKS = sorted(path.parent.name for path in ROOT.glob("stacks/*/fleet.yaml"))

PROGRAM = """
import sys
from pathlib import Path
from generator.pipeline import check, environments, render
spec = Path(sys.argv[1])
for environment in environments(spec):
    checked = check(spec, environment)
    assert checked.plan is not None, checked.findings
    for artifact in render(checked):
        sys.stdout.buffer.write(f"{environment}/{artifact.path} {artifact.executable} ".encode() + artifact.content)
"""


def digest(spec: Path, cwd: Path, **environment: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(spec)],
        cwd=cwd,
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr.decode()
    assert done.stdout
    return hashlib.sha256(done.stdout).hexdigest()


def shuffled(value: object, rng: random.Random) -> object:
    if isinstance(value, dict):
        items = list(value.items())
        rng.shuffle(items)
        return {key: shuffled(inner, rng) for key, inner in items}
    if isinstance(value, list):
        return [shuffled(inner, rng) for inner in value]
    return value


@pytest.mark.parametrize("stack", STACKS)
def test_surroundings_do_not_matter(stack, tmp_path):
    spec = ROOT / "stacks" / stack / "fleet.yaml"
    first = digest(spec, ROOT, PYTHONHASHSEED="0", LC_ALL="C", TZ="UTC")
    second = digest(
        spec, tmp_path, PYTHONHASHSEED="4242", LC_ALL="C.UTF-8", TZ="Asia/Kathmandu", NO_COLOR="1", HOME="/"
    )
    assert first == second


def test_no_setting_is_lost_to_the_order_of_a_set(tmp_path):
    """An engine drops the image it inherits, and must leave alone the one that stands beside it."""
    data = yaml.safe_load((ROOT / "tests" / "fields" / "fleet.yaml").read_text())
    for model in data["models"].values():
        model["image"] = {"digest": f"sha256:{'a' * 64}"}
    spec = tmp_path / "fleet.yaml"
    spec.write_text(yaml.safe_dump(data))
    assert len({digest(spec, tmp_path, PYTHONHASHSEED=str(seed)) for seed in range(6)}) == 1


@pytest.mark.parametrize("stack", STACKS)
def test_order_of_maps_does_not_matter(stack, tmp_path):
    source = ROOT / "stacks" / stack
    rng = random.Random(7)
    for spec in source.glob("fleet*.yaml"):
        data = shuffled(yaml.safe_load(spec.read_text()), rng)
        (tmp_path / spec.name).write_text(yaml.safe_dump(data, sort_keys=False))
    assert digest(tmp_path / "fleet.yaml", ROOT) == digest(source / "fleet.yaml", ROOT)
