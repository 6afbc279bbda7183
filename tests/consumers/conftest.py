"""What the consumer tests of Terraform share, and those of gateways."""

from pathlib import Path

import pytest

from generator.pipeline import check, render
from tests.consumers import gateways, roots


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Terraform's environment."""
    return roots.settings(tmp_path_factory.mktemp("terraform"))


@pytest.fixture(scope="session")
def gateways_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The gateways' values of the case that has one of every shape, and beside them their chart."""
    folder = tmp_path_factory.mktemp("gateways")
    for artifact in render(check(gateways.FLEET, "default"), ["helm"]):
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(artifact.content)
    return folder / "helm" / "dc1"
