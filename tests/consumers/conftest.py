"""What the consumer tests of Terraform share, and those of gateways."""

from pathlib import Path

import pytest

from generator.pipeline import check, render
from tests.consumers import gateways, roots
from tests.trees import lay_out


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Terraform's environment."""
    return roots.settings(tmp_path_factory.mktemp("terraform"))


@pytest.fixture(scope="session")
def gateways_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The gateways' values of the case that has one of every shape, and beside them their chart."""
    folder = tmp_path_factory.mktemp("gateways")
    lay_out(render(check(gateways.FLEET, "default"), ["helm"]), folder)
    return folder / "helm" / "dc1"
