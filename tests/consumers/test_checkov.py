"""A security scanner reads all Terraform and manifests we write: what it holds against them is listed with a reason."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from tests.consumers import scan
from tests.consumers.scan import Failure, Listed
from tests.consumers.tools import tool

pytestmark = pytest.mark.consumer("checkov")

LIST = Path(__file__).parent / "checkov.yaml"
BROKEN = (
    ("terraform/modules/eks-gpu-pools/main.tf", r"(encrypted +)= true", r"\1= false", "CKV2_FLEETGEN_1"),
    ("terraform/modules/eks-gpu-pools/main.tf", r'(http_tokens +)= "required"', r'\1= "optional"', "CKV_AWS_79"),
    ("terraform/modules/gke-gpu-pools/main.tf", r"(enable_secure_boot +)= true", r"\1= false", "CKV_GCP_68"),
    ("manifests/*.yaml", "allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", "CKV_K8S_20"),
    ("manifests/*.yaml", r"drop: \[ALL\]", "add: [SYS_ADMIN]", "CKV_K8S_39"),
)
"""What is broken in a copy of a file of ours, and the check that must see it."""


def _broken(report: scan.Report) -> set[str]:
    return {file for file, _ in report.judged if file.startswith("broken/")}


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """All there is to scan, and below broken/ what must be seen to fail."""
    place = tmp_path_factory.mktemp("scan") / "tree"
    scan.lay_terraform(place / "terraform")
    scan.lay_manifests(place / "manifests")
    for number, (pattern, sound, broken, _) in enumerate(BROKEN):
        source = next(path for path in sorted(place.glob(pattern)))
        copy = place / "broken" / str(number) / source.name
        if source.suffix == ".tf":
            shutil.copytree(source.parent, copy.parent)
        copy.parent.mkdir(parents=True, exist_ok=True)
        text, count = re.subn(sound, broken, source.read_text(encoding="utf-8"))
        assert count, f"{source.name} has no {sound}"
        copy.write_text(text, encoding="utf-8")
    return place


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def report(tree: Path, home: Path) -> scan.Report:
    return scan.scan(tree, home)


def test_every_failed_check_is_listed_and_every_listed_check_fails(report: scan.Report) -> None:
    found = frozenset(failure for failure in report.failures if failure.file not in _broken(report))
    assert scan.complaints(found, scan.listed(LIST)) == []


def test_every_list_entry_has_a_reason() -> None:
    entries = scan.listed(LIST)
    assert len({(entry.check, entry.file, entry.resource) for entry in entries}) == len(entries)
    assert [entry.check for entry in entries if len(entry.reason.split()) < 8] == []


def test_all_of_it_was_read(report: scan.Report, tree: Path) -> None:
    """Every module and every manifest was judged, and no comment of ours hides a check."""
    assert report.unread == ()
    modules = {path.name for path in (tree / "terraform" / "modules").iterdir()}
    assert modules >= {f"{platform}-{part}" for platform in ("aks", "eks", "gke") for part in ("cluster", "gpu-pools")}
    assert {file.split("/")[2] for file, _ in report.judged if file.startswith("terraform/modules/")} == modules
    manifests = {str(path.relative_to(tree)) for path in tree.glob("manifests/*.yaml")}
    assert manifests
    assert {file for file, name in report.judged if name.startswith("Deployment.")} - _broken(report) == manifests


def test_what_is_scanned_is_what_is_written() -> None:
    files = list(scan.written_modules())
    assert files
    assert [str(written) for written, source in files if written.read_bytes() != source.read_bytes()] == []


def test_it_sees_what_is_broken(report: scan.Report) -> None:
    broken = [failure for failure in report.failures if failure.file.startswith("broken/")]
    seen = {(failure.file.split("/")[1], failure.check) for failure in broken}
    assert {(str(number), check) for number, (*_, check) in enumerate(BROKEN)} <= seen


def test_it_asks_nothing_of_the_network(report: scan.Report, home: Path, tmp_path: Path) -> None:
    assert report.judged
    assert scan.calls(home) == []
    command = [str(tool("checkov")), "-c", "import socket; socket.socket().connect(('127.0.0.1', 9))"]
    done = subprocess.run(command, env=scan.environment(tmp_path), capture_output=True, check=False)
    assert done.returncode == 1
    assert len(scan.calls(tmp_path)) == 1, "a call would be seen"


def test_a_new_failure_and_a_stale_entry_are_said() -> None:
    entry = Listed("CKV_1", "modules/*/main.tf", "aws_x.*", "why")
    known = Failure("CKV_1", "modules/a/main.tf", "aws_x.this")
    new = Failure("CKV_2", "modules/a/main.tf", "aws_x.this")
    stale = "CKV_1 for aws_x.* in modules/*/main.tf is listed and fails nowhere"
    assert scan.complaints(frozenset({known}), [entry]) == []
    assert scan.complaints(frozenset({known, new}), [entry]) == ["CKV_2 fails for aws_x.this in modules/a/main.tf"]
    assert scan.complaints(frozenset(), [entry]) == [stale]
