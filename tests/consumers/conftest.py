"""What the consumer tests of Terraform share."""

import pytest

from tests.consumers import roots


@pytest.fixture(scope="session")
def settings(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Terraform's environment."""
    return roots.settings(tmp_path_factory.mktemp("terraform"))
