"""Facts of AWS that the shipped catalogue must reproduce, written down from AWS's own instance tables."""

import pytest

from generator.clouds.instances import Market
from generator.core.spec import Pool


def _pool(gpu: str, gpus: int, given: str | None = None) -> Pool:
    return Pool.model_validate(
        {"gpu": gpu, "gpusPerNode": gpus, "nodes": {"min": 0, "max": 1}, **({"instanceType": given} if given else {})}
    )


@pytest.mark.parametrize(
    ("gpu", "gpus", "region", "expected"),
    [
        ("l4", 1, "us-east-1", "g6.2xlarge"),
        ("l4", 4, "us-east-1", "g6.12xlarge"),
        ("l40s", 4, "us-east-1", "g6e.12xlarge"),
        ("a10g", 4, "eu-west-1", "g5.12xlarge"),
        ("h100-sxm", 1, "us-east-1", "p5.4xlarge"),
        ("h100-sxm", 8, "us-east-1", "p5.48xlarge"),
        # p5e is sold in capacity blocks only.
        ("h200-sxm", 8, "us-east-2", "p5en.48xlarge"),
    ],
)
def test_chosen(gpu: str, gpus: int, region: str, expected: str) -> None:
    assert Market("aws", region).choose(_pool(gpu, gpus), ()).type == expected


@pytest.mark.parametrize(
    ("gpu", "gpus", "region", "given"),
    [
        # The size grows, the number of GPUs does not.
        ("a10g", 4, "us-east-1", "g5.16xlarge"),
        ("a10g", 1, "us-east-1", "g5.12xlarge"),
        # Ireland has no L4, Frankfurt no H100.
        ("l4", 1, "eu-west-1", None),
        ("h100-sxm", 8, "eu-central-1", None),
        # No machine has two L4.
        ("l4", 2, "us-east-1", None),
    ],
)
def test_not_to_be_had(gpu: str, gpus: int, region: str, given: str | None) -> None:
    assert Market("aws", region).choose(_pool(gpu, gpus, given), ()).type == ""
