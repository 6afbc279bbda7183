"""What checkov is asked to scan, each distinct file once, and what it answers, from a run that is watched for calls."""

import json
import os
import re
import shutil
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import fnmatchcase
from itertools import product
from pathlib import Path
from typing import Any

import yaml

from tests.consumers.kubernetes import OLDEST
from tests.consumers.tools import tool

ROOT = Path(__file__).parents[2]
TEMPLATES = ROOT / "templates" / "terraform"
POLICIES = Path(__file__).parent / "checkov"
"""Checks of our own, beside checkov's."""
CALLS = "calls.txt"
_WATCH = """import sys
def watch(event, arguments):
    if event in ("socket.connect", "socket.getaddrinfo", "socket.gethostbyname", "socket.sendto"):
        with open({calls!r}, "a") as file:
            file.write(f"{{event}} {{arguments}}\\n")
sys.addaudithook(watch)
"""
"""Python's own list of what it asks of the network, kept in each process that starts with it."""


@dataclass(frozen=True)
class Failure:
    """A check that failed: its id, the file below the scanned tree, and the resource without its modules' names."""

    check: str
    file: str
    resource: str


@dataclass(frozen=True)
class Listed:
    """A failure that is meant: the check, patterns of its files and resources, and why."""

    check: str
    file: str
    resource: str
    reason: str

    def covers(self, failure: Failure) -> bool:
        """Whether this failure is the one that is meant."""
        places = ((failure.file, self.file), (failure.resource, self.resource))
        return failure.check == self.check and all(fnmatchcase(name, pattern) for name, pattern in places)


@dataclass(frozen=True)
class Report:
    """What checkov found: failures, what it judged (file and resource), what it could not read or was told to skip."""

    failures: frozenset[Failure]
    judged: frozenset[tuple[str, str]]
    unread: tuple[str, ...]


def listed(path: Path) -> list[Listed]:
    """The failures that are meant."""
    return [Listed(**entry) for entry in yaml.safe_load(path.read_text(encoding="utf-8"))]


def complaints(found: frozenset[Failure], meant: list[Listed]) -> list[str]:
    """Failures that no entry names, and entries that name no failure any more."""
    new = [failure for failure in found if not any(entry.covers(failure) for entry in meant)]
    stale = [entry for entry in meant if not any(entry.covers(failure) for failure in found)]
    said = [f"{item.check} fails for {item.resource} in {item.file}" for item in new]
    said += [f"{item.check} for {item.resource} in {item.file} is listed and fails nowhere" for item in stale]
    return sorted(said)


def lay_terraform(tree: Path) -> None:
    """Every module, and every root that is unlike the others, beside the modules as it is used."""
    shutil.copytree(TEMPLATES / "modules", tree / "modules")
    for fragments in roots():
        place = tree / "-".join(("roots", fragments[0].parent.name, *(path.stem for path in fragments[1:])))
        place.mkdir()
        for path in fragments:
            shutil.copy(path, place)
    written = ROOT.glob("outputs/*/*/terraform/*/fleet.auto.tfvars.json")
    seen: set[tuple[tuple[str, bytes], ...]] = set()
    for source in sorted(path.parent for path in written):
        content = tuple((path.name, path.read_bytes()) for path in sorted(source.iterdir()))
        if content not in seen:
            seen.add(content)
            shutil.copytree(source, tree / "-".join(source.relative_to(ROOT).parts))


def roots() -> Iterator[tuple[Path, ...]]:
    """The files of every root there can be: a cluster that stands or is created, with node groups or Karpenter."""
    for cloud in sorted((TEMPLATES / "roots").iterdir()):
        for cluster, nodes in product(("existing.tf", "created.tf"), ("pools.tf", "karpenter.tf")):
            if (cloud / nodes).exists():
                yield cloud / "provider.tf", cloud / cluster, cloud / nodes


def written_modules() -> Iterator[tuple[Path, Path]]:
    """Every file of a module in the outputs, and the template's file that is scanned for it."""
    for path in sorted(ROOT.glob("outputs/*/*/terraform/modules/**/*")):
        if path.is_file():
            yield path, TEMPLATES.joinpath(*path.relative_to(ROOT).parts[4:])


def lay_manifests(tree: Path) -> None:
    """What Helm makes of every release, where it is unlike the others."""
    seen: set[str] = set()
    tree.mkdir(parents=True)
    for values in sorted(ROOT.glob("outputs/*/*/helm/*/*.values.yaml")):
        command = values.read_text(encoding="utf-8").splitlines()[1].removeprefix("# ").split()
        assert command[:3] == ["helm", "upgrade", "--install"]
        arguments = ["template", *command[3:], "--kube-version", OLDEST]
        text = subprocess.check_output([str(tool("helm")), *arguments], cwd=values.parent, text=True)
        if text not in seen:
            seen.add(text)
            name = "-".join(values.relative_to(ROOT / "outputs").parts).removesuffix(".values.yaml")
            (tree / f"{name}.yaml").write_text(text, encoding="utf-8")


def environment(home: Path) -> dict[str, str]:
    """A new user's, where each call to the network is noted in `home`'s file CALLS and finds nobody."""
    home.mkdir(parents=True, exist_ok=True)
    (home / "sitecustomize.py").write_text(_WATCH.format(calls=str(home / CALLS)), encoding="utf-8")
    nobody = "http://127.0.0.1:9"
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(home),
        "TMPDIR": str(home),
        "PYTHONPATH": str(home),
        "CKV_SKIP_PACKAGE_UPDATE_CHECK": "true",
        "HTTP_PROXY": nobody,
        "HTTPS_PROXY": nobody,
    }


def calls(home: Path) -> list[str]:
    """What was asked of the network with this `home`."""
    file = home / CALLS
    return file.read_text(encoding="utf-8").splitlines() if file.exists() else []


def scan(tree: Path, home: Path) -> Report:
    """Checkov's answer about a tree, of one run over it all. It ends with 1 where a check failed, as some here do."""
    command = [str(tool("checkov")), "-m", "checkov.main", "--directory", str(tree), "--output", "json", "--compact"]
    command += ["--framework", "terraform", "kubernetes", "--external-checks-dir", str(POLICIES)]
    command += ["--download-external-modules", "false", "--skip-download"]
    done = subprocess.run(command, cwd=home, env=environment(home), capture_output=True, text=True, check=False)
    assert done.returncode in {0, 1}, done.stderr
    answers = json.loads(done.stdout)
    results = [answer["results"] for answer in (answers if isinstance(answers, list) else [answers])]
    failed, passed, skipped = (
        [check for result in results for check in result[f"{kind}_checks"]] for kind in ("failed", "passed", "skipped")
    )
    unread = [file for result in results for file in result["parsing_errors"]]
    unread += [f"{check['check_id']} skipped in {check['file_path']}" for check in skipped]
    return Report(
        frozenset(Failure(check["check_id"], *_place(check)) for check in failed),
        frozenset(_place(check) for check in [*failed, *passed]),
        tuple(unread),
    )


def _place(check: dict[str, Any]) -> tuple[str, str]:
    return check["file_path"].removeprefix("/"), re.sub(r"^(module\.\w+(\[[^]]*\])?\.)+", "", check["resource"])
