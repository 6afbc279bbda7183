"""Where the real consumers are, so that a consumer test asks for its tool in one word and never skips unseen."""

import os
from pathlib import Path

import pytest

from tools.places import PLACES

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
"""The names that `@pytest.mark.consumer(name)` may carry. Each must have run once, unskipped, in `make test`."""


def required() -> bool:
    """Whether a missing tool is a failure (as in `make test` and CI) rather than a skip."""
    return os.environ.get("GEN_REQUIRE_TOOLS") == "1"


def tool(name: str) -> Path:
    """The path of a tool: its program, for Python packages their Python, for vllm the folder of its package.

    Skips the test when it is not installed, or fails it where tools are required.
    """
    place = PLACES[name]
    if place.exists():
        return place
    message = f"{name} is not installed at {place}; run `make tools`"
    if required():
        pytest.fail(message, pytrace=False)
    pytest.skip(message)
