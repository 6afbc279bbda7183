"""Names of other makers' accelerators are told apart from NVIDIA's, and lead to none of them."""

import pytest

from generator.catalog import makers, reader, table
from generator.catalog.facts import GpuFacts

OTHERS = {
    "AMD": (
        "rx-7900-xtx",
        "RX 6800 XT",
        "mi210",
        "MI300A",
        "radeon-vii",
        "Instinct MI355X",
        "radeon-pro-w7900",
        "gfx1100",
        "7900-xtx",
        "6900xt",
        "9070 XT",
    ),
    "Intel": ("gaudi", "Gaudi 2", "arc-a770", "Arc B580", "data-center-gpu-max-1550", "Intel Flex 170"),
    "Apple": ("m3-max", "Apple M4", "M2 Ultra", "Mac Studio"),
    "Amazon": ("trainium2", "inferentia", "inf2"),
    "Google": ("tpu-v5e", "v5p", "trillium"),
    "Huawei": ("ascend-910b", "910c"),
    "Tenstorrent": ("n300", "n150d", "blackhole-p150"),
    "Microsoft": ("maia-100",),
}
NAMES = [(maker, name) for maker, called in OTHERS.items() for name in called]
OLDER = list(table.load("makers.yaml")["older"]["cards"])


@pytest.mark.parametrize(("maker", "name"), NAMES)
def test_a_name_tells_its_maker_and_is_no_slip_for_a_card_of_nvidia(maker: str, name: str) -> None:
    assert makers.maker(name) == maker
    assert {makers.maker(id) for id in makers.near_gpus(name, reader.gpus())} <= {maker}


@pytest.mark.parametrize("facts", reader.gpus().values(), ids=lambda facts: facts.id)
def test_every_card_of_the_catalogue_has_the_maker_that_its_name_tells(facts: GpuFacts) -> None:
    told = {"AMD": "amd", "Intel": "intel", "": "nvidia"}[makers.maker(facts.id)]
    assert told == facts.vendor
    assert makers.older(facts.id) is None


@pytest.mark.parametrize("card", OLDER)
def test_an_older_card_is_not_in_the_catalogue_and_below_the_newest_image(card: str) -> None:
    found = makers.older(card)
    assert found is not None
    assert found[0] == card
    assert reader.gpus_called(card) == ()
    assert found[1] < reader.engine("vllm").newest.min_capability["none"]


@pytest.mark.parametrize(
    ("slip", "meant"), [("rtx-4900", "rtx-4090"), ("l40-s", "l40s"), ("h10-sxm", "h100-sxm"), ("rtx-509", "rtx-5090")]
)
def test_a_slip_of_the_hand_is_understood(slip: str, meant: str) -> None:
    assert meant in makers.near_gpus(slip, reader.gpus())


@pytest.mark.parametrize("name", ["rtx-9000", "gtx-1660", "jetson-thor", "m1000"])
def test_a_card_of_another_number_is_no_slip(name: str) -> None:
    assert makers.near_gpus(name, reader.gpus()) == ()


@pytest.mark.parametrize("cloud", reader.clouds())
def test_no_machine_of_the_catalogue_is_of_another_maker_or_architecture(cloud: str) -> None:
    assert {makers.machine(cloud, type_) for type_ in reader.instances(cloud)} == {("", "")}
