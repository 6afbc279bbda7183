"""The blocks of README.md that show what gen prints: made by running gen on the README's own fleet with a change."""

import re
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.install.environment import ROOT

GEN = Path(sys.executable).with_name("gen")
_SPEC = re.compile(r"^```yaml\n(apiVersion: .*?)^```$", re.MULTILINE | re.DOTALL)
_BLOCK = r"(^## {heading}\n.*?^```console\n).*?(^```$)"


def readme() -> str:
    """The text of README.md with its blocks made anew.

    Raises:
        ValueError: the page has no fleet, no such block, its fleet not the line that a block changes, or
            not the one error.
    """
    page = (ROOT / "README.md").read_text(encoding="utf-8")
    match = _SPEC.search(page)
    if match is None:
        raise ValueError("README.md holds no fleet")
    page = _filled(page, "A finding", _finding(match[1]))
    return _filled(page, "A diff", _diff(match[1]))


def _filled(page: str, heading: str, text: str) -> str:
    block = re.compile(_BLOCK.format(heading=heading), re.MULTILINE | re.DOTALL)
    filled, count = block.subn(lambda match: f"{match[1]}{text}{match[2]}", page)
    if count != 1:
        raise ValueError(f"README.md has no block below {heading!r}")
    return filled


def _finding(spec: str) -> str:
    """The one error of five replicas in a pool of four."""
    with tempfile.TemporaryDirectory() as home:
        _write(home, spec, "replicas: 2", "replicas: 5")
        printed = _gen(home, "validate", "fleet.yaml").stdout
    errors = [part for part in printed.split("\n\n") if re.match(r"\S+: error ", part)]
    if len(errors) != 1:
        raise ValueError(f"gen validate has {len(errors)} errors for the fleet of README.md:\n{printed}")
    return f"$ gen validate fleet.yaml\n{errors[0]}\n"


def _diff(spec: str) -> str:
    """What a larger pool changes, and what that means."""
    with tempfile.TemporaryDirectory() as home:
        (Path(home) / "fleet.yaml").write_text(spec, encoding="utf-8")
        _gen(home, "render", "fleet.yaml")
        _write(home, spec, "max: 4", "max: 6")
        done = _gen(home, "diff", "fleet.yaml")
    said = [line for line in done.stderr.splitlines() if "notes" not in line]
    return "\n".join(["$ gen diff fleet.yaml", done.stdout.rstrip(), *said, ""])


def _write(home: str, spec: str, old: str, new: str) -> None:
    if spec.count(old) != 1:
        raise ValueError(f"the fleet of README.md does not hold `{old}` once")
    (Path(home) / "fleet.yaml").write_text(spec.replace(old, new), encoding="utf-8")


def _gen(home: str, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([GEN, *arguments], cwd=home, capture_output=True, text=True, check=False)
