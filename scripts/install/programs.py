"""Builds the pinned Go programs, and copies files out of pinned Go modules."""

import json
import os
import re
import shutil
from functools import partial
from pathlib import Path

from scripts.install.environment import ROOT, SetupError
from scripts.install.tool import Tool, run
from tools.places import PLACES

MODULE = ROOT / "tools"
"""One Go module for all programs, so that what they share is of one version, compiled once."""

CRDS_MODULE = MODULE / "crds"
_FLAGS = ("-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w")
_AI_GATEWAY = "manifests/charts/ai-gateway-crds-helm/templates/aigateway.envoyproxy.io_{}.yaml"
_ENVOY_GATEWAY = "charts/gateway-helm/charts/crds/crds/generated/gateway.envoyproxy.io_{}.yaml"
_GATEWAY_API = "config/crd/standard/gateway.networking.k8s.io_{}.yaml"
CRDS = {
    "github.com/envoyproxy/ai-gateway": tuple(
        map(_AI_GATEWAY.format, ("aigatewayroutes", "aiservicebackends", "backendsecuritypolicies"))
    ),
    "github.com/envoyproxy/gateway": tuple(
        map(
            _ENVOY_GATEWAY.format,
            ("backends", "backendtrafficpolicies", "clienttrafficpolicies", "envoyproxies", "securitypolicies"),
        )
    ),
    "github.com/kedacore/keda/v2": ("config/crd/bases/keda.sh_scaledobjects.yaml",),
    "github.com/prometheus-operator/prometheus-operator": (
        "example/prometheus-operator-crd/monitoring.coreos.com_podmonitors.yaml",
    ),
    "sigs.k8s.io/gateway-api": tuple(
        map(_GATEWAY_API.format, ("backendtlspolicies", "gatewayclasses", "gateways", "httproutes"))
    ),
}
"""The custom resource definitions of what we write, by the Go module of the project that they belong to."""


def go_tool(name: str, package: str) -> Tool:
    """A program of another project."""
    return Tool(PLACES[name], _pins(MODULE), partial(_build, package, package))


def judge(name: str, library: str) -> Tool:
    """A program of ours, `tools/<name>/main.go`, that asks a project's own library; its version is that library's."""
    return Tool(PLACES[name], (*_pins(MODULE), MODULE / name / "main.go"), partial(_build, library, f"./{name}"))


def crds(name: str) -> Tool:
    """The files of `CRDS`."""
    return Tool(PLACES[name], _pins(CRDS_MODULE), _copy_crds)


def _pins(module: Path) -> tuple[Path, ...]:
    return module / "go.mod", module / "go.sum"


def _build(library: str, package: str, place: Path) -> str:
    """Build a program. The versions and sums of all modules are those of go.sum; the library's are returned."""
    _need_go(MODULE)
    # Without C, as these projects build what they publish; a C compiler is then not needed either.
    # The compilers live for seconds and need not collect often: a quarter less work for some more memory.
    settings = {"CGO_ENABLED": "0", "GOGC": os.environ.get("GOGC", "400")}
    run(["go", "build", *_FLAGS, "-o", str(place), package], MODULE, **settings)
    sums = (MODULE / "go.sum").read_text(encoding="utf-8")
    root = max((line.split()[0] for line in sums.splitlines() if library.startswith(line.split()[0])), key=len)
    version, checksum = re.findall(rf"^{re.escape(root)} (v\S+) (h1:\S+)$", sums, re.MULTILINE)[0]
    return f"{root} {version} {checksum}"


def _copy_crds(place: Path) -> str:
    """Copy the definitions out of their projects' modules, which go.sum holds to their sums."""
    _need_go(CRDS_MODULE)
    answers = {name: json.loads(run(["go", "mod", "download", "-json", name], CRDS_MODULE)) for name in CRDS}
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for name, paths in CRDS.items():
        for path in paths:
            shutil.copyfile(Path(answers[name]["Dir"]) / path, place / Path(path).name)
    return ", ".join(f"{name} {answer['Version']} {answer['Sum']}" for name, answer in answers.items())


def _need_go(module: Path) -> None:
    if shutil.which("go") is None:
        match = re.search(r"^go (\S+)$", (module / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
        raise SetupError(f"Go is missing. Install Go {match[1] if match else ''} or newer (https://go.dev/dl)")
