"""Facts of the clouds that the shipped catalogue must reproduce, written down from their own tables of machines."""

import pytest

from generator.clouds.instances import Market
from generator.core.spec import Pool


def _pool(gpu: str, gpus: int, given: str | None = None) -> Pool:
    return Pool.model_validate(
        {
            "gpu": gpu,
            "gpusPerNode": gpus,
            "nodes": {"min": 0, "max": 1},
            **({"instanceTypes": [given]} if given else {}),
        }
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
    assert Market("aws", region).choose(_pool(gpu, gpus), ()).types == (expected,)


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
    assert Market("aws", region).choose(_pool(gpu, gpus, given), ()).types == ()


@pytest.mark.parametrize(
    ("cloud", "gpu", "gpus", "region", "expected"),
    [
        # g2-standard-4 has 16 GiB for a card of 24; the number of cards does not grow with the size.
        ("gcp", "l4", 1, "europe-west4", "g2-standard-8"),
        ("gcp", "l4", 2, "us-central1", "g2-standard-24"),
        ("gcp", "l4", 4, "us-central1", "g2-standard-48"),
        ("gcp", "a100-sxm-80gb", 1, "us-central1", "a2-ultragpu-1g"),
        ("gcp", "h200-sxm", 8, "us-central1", "a3-ultragpu-8g"),
        ("gcp", "t4", 1, "europe-west4", "n1-standard-4"),
        ("azure", "a100-pcie-80gb", 2, "westeurope", "Standard_NC48ads_A100_v4"),
        ("azure", "h100-nvl", 1, "westeurope", "Standard_NC40ads_H100_v5"),
        ("azure", "a10", 1, "eastus", "Standard_NV36ads_A10_v5"),
        ("azure", "h100-sxm", 8, "eastus", "Standard_ND96isr_H100_v5"),
    ],
)
def test_chosen_elsewhere(cloud: str, gpu: str, gpus: int, region: str, expected: str) -> None:
    assert Market(cloud, region).choose(_pool(gpu, gpus), ()).types == (expected,)


@pytest.mark.parametrize(
    ("cloud", "region", "gpu", "given", "whole"),
    [
        # Azure's NV6ads to NV18ads carry parts of an A10, whatever autoscalers count.
        ("azure", "eastus", "a10", "Standard_NV6ads_A10_v5", "Standard_NV36ads_A10_v5"),
        ("azure", "eastus", "a10", "Standard_NV18ads_A10_v5", "Standard_NV36ads_A10_v5"),
        ("aws", "us-east-1", "l4", "g6f.large", "g6.xlarge"),
        ("aws", "us-east-1", "l4", "gr6f.4xlarge", "g6.xlarge"),
    ],
)
def test_a_part_of_a_card_is_no_card(cloud: str, region: str, gpu: str, given: str, whole: str) -> None:
    choice = Market(cloud, region).choose(_pool(gpu, 1, given), ())
    [finding] = choice.findings
    assert (choice.types, finding.id, finding.severity) == ((), "GEN363", "error")
    assert f"instanceTypes: [{whole}]" in finding.help


def test_the_nearest_region_of_azure_is_one_of_the_same_geography() -> None:
    [finding] = Market("azure", "northeurope").choose(_pool("h100-sxm", 8), ()).findings
    assert finding.help.startswith(("regions with 8 x h100-sxm: westeurope",)), finding.help
