"""Where the real consumers are, so that a consumer test asks for its tool in one word and never skips unseen."""

import os
from pathlib import Path

import pytest

from scripts.install.mirrors import SETTING
from tools.places import PLACES, stands

CONSUMERS = (
    "checkov",
    "compose",
    "envoy",
    "helm",
    "helm3",
    "kubernetes",
    "litellm",
    "moto",
    "objects",
    "shellcheck",
    "terraform",
    "vllm",
)
"""The names that `@pytest.mark.consumer(name)` may carry. Where all are demanded, each must have run once."""

DEMANDED = "GEN_DEMAND_CONSUMERS"
MISSING = "missing: "
"""How the reason of a skip begins that the end of a run repeats."""


def required() -> bool:
    """Whether a missing tool is a failure, as in CI, rather than a skip."""
    return os.environ.get(DEMANDED) == "1"


def tool(name: str) -> Path:
    """The path of a tool: its program, or what `tools.places` says of its name.

    Skips the test when it is not installed, or fails it where tools are required.
    """
    if stands(name):
        return PLACES[name]
    message = f"{MISSING}{_cure(name)}"
    if required():
        pytest.fail(message, pytrace=False)
    pytest.skip(message)


def _cure(name: str) -> str:
    _, provider, source = name.partition("terraform-")
    if not provider:
        return f"{name}: run `make tools`, which installs it or says what keeps it from that"
    return (
        f"Terraform's provider hashicorp/{source}: run `make tools` where a registry can be reached, or with "
        f"{SETTING} naming a folder that holds registry.terraform.io/hashicorp/{source}/"
    )
