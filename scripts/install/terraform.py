"""Links the machine's Terraform, and puts the providers that our roots need where every test finds them.

A provider comes from a mirror of this machine (`mirrors`), else by whatever way the user's Terraform has.
"""

import json
import os
import re
import shutil
import subprocess
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path

from scripts.install.environment import ROOT, SetupError
from scripts.install.mirrors import REGISTRY, SETTING, mirrors
from scripts.install.tool import Tool, UnavailableError, run
from tools.places import PLACES, PROVIDERS

AT_LEAST = (1, 10)
_FETCH_S = 600
_WAYS = {"TF_PLUGIN_CACHE_DIR": str(PROVIDERS), "TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE": "1"}
_BRIEF = {"CHECKPOINT_DISABLE": "1", "TF_IN_AUTOMATION": "1", "TF_REGISTRY_DISCOVERY_RETRY": "0"}
_PIN = re.compile(r'source\s*=\s*"(\S+)"\s*version\s*=\s*"~> ([\d.]+)"')

Version = tuple[int, ...]


@dataclass(frozen=True)
class Pin:
    """A provider, as `hashicorp/aws`, and the least version of it; only the last part may be another, and larger."""

    source: str
    least: Version

    def __str__(self) -> str:
        return f"{self.source} ~> {'.'.join(map(str, self.least))}"

    def allows(self, version: Version) -> bool:
        """Whether a version will do, by Terraform's rule for `~>`."""
        fixed = len(self.least) - 1
        return version[:fixed] == self.least[:fixed] and version[fixed:] >= self.least[fixed:]


def program(name: str) -> Tool:
    """The machine's own Terraform: its module cannot be built outside its repository."""
    return Tool(PLACES[name], (), _link)


def provider(name: str, module: str) -> Tool:
    """The provider that a module of `templates/` pins."""
    pins = ROOT / "templates" / "terraform" / "modules" / module / "versions.tf"
    return Tool(PLACES[name], (pins,), partial(install, pins))


def read_pin(text: str) -> Pin:
    """What a `versions.tf` asks for."""
    match = _PIN.search(text)
    if match is None:
        raise SetupError("no provider is pinned as `~> MAJOR.MINOR`")
    return Pin(match[1], _version(match[2]))


def install(pins: Path, place: Path) -> str:
    """Put a provider at its place: linked or unpacked from the mirror with the newest, else fetched.

    Raises:
        UnavailableError: no mirror holds it, and Terraform could not get it either.
    """
    pin, platform = read_pin(pins.read_text(encoding="utf-8")), _terraform()["platform"]
    shutil.rmtree(place, ignore_errors=True)
    packages = {version: path for folder in _mirrors() for version, path in held(folder, pin, platform)}
    if not packages:
        return f"{pin.source} {_fetch(pin, platform, place)} by Terraform"
    version, package = max(packages.items())
    words = ".".join(map(str, version))
    target = place / words / platform
    target.parent.mkdir(parents=True)
    if package.is_dir():
        target.symlink_to(package, target_is_directory=True)
    else:
        _unpack(package, target)
    return f"{pin.source} {words} from {package.parent}"


@cache
def _mirrors() -> list[Path]:
    return mirrors(os.environ)


def held(mirror: Path, pin: Pin, platform: str) -> Iterator[tuple[Version, Path]]:
    """The versions in a mirror that will do, each with its folder or its archive."""
    folder = mirror / REGISTRY / pin.source
    unpacked = {path: path.parent.name for path in folder.glob(f"*/{platform}") if path.is_dir()}
    archive = re.compile(rf"terraform-provider-{pin.source.rpartition('/')[2]}_([\d.]+)_{platform}\.zip")
    packed = {path: match[1] for path in folder.glob("*.zip") if (match := archive.fullmatch(path.name))}
    for path, words in {**packed, **unpacked}.items():
        if re.fullmatch(r"\d+(\.\d+)+", words) and pin.allows(_version(words)):
            yield _version(words), path.resolve()


def _unpack(package: Path, target: Path) -> None:
    """Unpack once what Terraform would unpack for each root anew."""
    with tempfile.TemporaryDirectory(dir=target.parent) as folder:
        made = Path(folder) / "made"
        with zipfile.ZipFile(package) as archive:
            archive.extractall(made)
        for path in made.glob("terraform-provider-*"):
            path.chmod(0o755)
        made.rename(target)


def _fetch(pin: Pin, platform: str, place: Path) -> str:
    """Let Terraform install a provider by its own ways into `PROVIDERS`, and return its version."""
    required = {"version": str(pin).rpartition(f"{pin.source} ")[2], "source": pin.source}
    content = {"terraform": [{"required_providers": [{"needed": required}]}]}
    PROVIDERS.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="gen-provider-") as folder:
        (Path(folder) / "main.tf.json").write_text(json.dumps(content), encoding="utf-8")
        _init(folder, pin)
    versions = [path.parent.name for path in place.glob(f"*/{platform}")]
    if not versions:
        raise UnavailableError(_missing(pin, "Terraform took it from a place of its own"))
    return versions[0]


def _init(folder: str, pin: Pin) -> None:
    command = [str(PLACES["terraform"]), "init", "-backend=false", "-input=false", "-no-color"]
    surroundings = {**os.environ, **_WAYS, **_BRIEF}
    try:
        subprocess.run(
            command, cwd=folder, env=surroundings, capture_output=True, text=True, check=True, timeout=_FETCH_S
        )
    except subprocess.TimeoutExpired:
        raise UnavailableError(_missing(pin, f"Terraform did not get it in {_FETCH_S} s")) from None
    except subprocess.CalledProcessError as error:
        raise UnavailableError(_missing(pin, _cause(error.stderr))) from None


def _cause(said: str) -> str:
    """The first error of Terraform, in one line."""
    _, _, rest = said.partition("Error: ")
    return " ".join(rest.replace("│", " ").split())[:300] or "terraform init failed"


def _missing(pin: Pin, cause: str) -> str:
    return (
        f"the provider {pin} is in no mirror of this machine, and no registry gave it ({cause}). Set {SETTING} to a "
        f"folder that holds {REGISTRY}/{pin.source}/, or reach a registry. Tests that need it are skipped"
    )


def _version(words: str) -> Version:
    return tuple(map(int, words.split(".")))


@cache
def _terraform() -> Mapping[str, str]:
    """Path, version and platform of the machine's Terraform."""
    need = ".".join(map(str, AT_LEAST))
    cure = f"Install Terraform {need} or newer and put it on PATH (https://developer.hashicorp.com/terraform/install)"
    path = shutil.which("terraform")
    if path is None:
        raise SetupError(f"Terraform is missing. {cure}")
    said = json.loads(run([path, "version", "-json"], ROOT, CHECKPOINT_DISABLE="1"))
    if _version(".".join(said["terraform_version"].split(".")[:2])) < AT_LEAST:
        raise SetupError(f"Terraform {said['terraform_version']} at {path} is too old. {cure}")
    return {"path": path, "version": said["terraform_version"], "platform": said["platform"]}


def _link(place: Path) -> str:
    found = _terraform()
    place.parent.mkdir(parents=True, exist_ok=True)
    place.unlink(missing_ok=True)
    place.symlink_to(found["path"])
    return f"terraform {found['version']} from PATH"
