"""The instance type of a pool: chosen by rule, or checked."""

from typing import Any

import pytest

from generator.catalog import reader
from generator.catalog.facts import GpuFacts, InstanceFacts
from generator.clouds import instances
from generator.clouds.instances import Market
from generator.core.spec import Pool

PATH = ("clusters", "c", "pools", "p")
SOURCE = ("a test", "2026-01-01")


def _machine(name: str, gpu: str, gpus: int, vcpus: int, memory: float, *regions: str) -> InstanceFacts:
    return InstanceFacts(name, gpu, gpus, vcpus, memory, frozenset(regions), *SOURCE)


MACHINES = [
    _machine("s.tight", "card", 1, 4, 16, "aa-east-1", "aa-west-1"),
    _machine("s.roomy", "card", 1, 8, 32, "aa-east-1"),
    _machine("s.same", "card", 1, 8, 32, "aa-east-1", "aa-west-1"),
    _machine("s.large", "card", 1, 16, 64, "aa-east-1", "bb-east-1"),
    _machine("s.four", "card", 4, 48, 192, "aa-east-1"),
    _machine("t.one", "other", 1, 4, 64, "bb-east-1"),
]


def stock(monkeypatch: pytest.MonkeyPatch, *machines: InstanceFacts) -> None:
    """A cloud rents these machines and no others."""
    monkeypatch.setattr(reader, "instances", lambda _cloud: {item.type: item for item in machines})
    monkeypatch.setattr(reader, "instances_with", lambda _cloud, gpu: (item for item in machines if item.gpu == gpu))


@pytest.fixture(autouse=True)
def _small_catalogue(monkeypatch: pytest.MonkeyPatch) -> None:
    gpus = {name: GpuFacts(name, name, 24.0, 8.9, *SOURCE) for name in ("card", "other", "unsold")}
    monkeypatch.setattr(reader, "gpus", lambda: gpus)
    stock(monkeypatch, *MACHINES)


def _pool(**pool: Any) -> Pool:
    return Pool.model_validate({"gpu": "card", "nodes": {"min": 0, "max": 1}, **pool})


@pytest.mark.parametrize(
    ("region", "expected"),
    [
        # Fewest vCPUs with 24 GiB for the card; of two equal machines the one in more regions.
        ("aa-east-1", "s.same"),
        ("bb-east-1", "s.large"),
        # Nowhere named: any region counts.
        ("", "s.same"),
    ],
)
def test_the_smallest_machine_whose_memory_holds_the_gpus(region: str, expected: str) -> None:
    choice = Market("aws", region).choose(_pool(), PATH)
    assert (choice.types, choice.findings) == ((expected,), ())


def test_the_decision_says_how_many_fit_and_why_this_one() -> None:
    decision = Market("aws", "aa-east-1").choose(_pool(), PATH).decision
    assert decision is not None
    assert (decision.field, decision.value) == ("instanceTypes", "s.same")
    assert decision.why == (
        "known types with 1 x card in aa-east-1: 4; fewest vCPUs (8) of those with host memory "
        "(32 GiB; at least the GPUs' 24 GiB); the others: s.tight, s.roomy, s.large"
    )


def test_little_memory_is_taken_when_there_is_no_other_and_said(monkeypatch: pytest.MonkeyPatch) -> None:
    stock(monkeypatch, MACHINES[0])
    choice = Market("aws", "aa-east-1").choose(_pool(), PATH)
    assert choice.types == ("s.tight",)
    assert choice.decision is not None
    assert "none has the GPUs' 24 GiB" in choice.decision.why


@pytest.mark.parametrize(
    ("region", "pool", "kind", "step", "words"),
    [
        ("aa-east-1", {"gpu": "carf"}, "GEN360", "gpu", ["did you mean `card`"]),
        ("aa-east-1", {"gpusPerNode": 2}, "GEN361", "gpusPerNode", ["1, 4 x card"]),
        ("aa-west-1", {"gpusPerNode": 4}, "GEN361", "gpusPerNode", ["1 x card", "regions with 4 x card: aa-east-1"]),
        (
            "aa-east-1",
            {"gpu": "other"},
            "GEN361",
            "gpu",
            ["regions with 1 x other: bb-east-1", "aa-east-1 has nodes with 1 x card"],
        ),
        ("aa-east-1", {"gpu": "other", "gpusPerNode": 3}, "GEN361", "gpu", ["other is rented in machines of 1"]),
        ("aa-east-1", {"gpu": "unsold"}, "GEN361", "gpu", ["aa-east-1 has nodes with 1 x card"]),
        (
            "aa-east-1",
            {"instanceTypes": ["s.four"]},
            "GEN363",
            "instanceTypes.0",
            ["gpusPerNode: 4", "instanceTypes: [s.tight]"],
        ),
        ("bb-east-1", {"instanceTypes": ["t.one"]}, "GEN363", "instanceTypes.0", ["gpu: other, gpusPerNode: 1"]),
        (
            "bb-east-1",
            {"instanceTypes": ["s.same"]},
            "GEN362",
            "instanceTypes.0",
            ["`s.large`", "nearest region", "aa-east-1"],
        ),
    ],
)
def test_what_cannot_be_rented(region: str, pool: dict[str, Any], kind: str, step: str, words: list[str]) -> None:
    choice = Market("aws", region).choose(_pool(**pool), PATH)
    [finding] = choice.findings
    assert (choice.types, choice.decision) == ((), None)
    where = ".".join(str(part) for part in finding.path[len(PATH) :])
    assert (finding.id, where, finding.severity) == (kind, step, "error")
    assert [word for word in words if word not in finding.help] == []
    assert finding.cause


def test_a_defaulted_number_of_gpus_is_pointed_at_by_the_pool(monkeypatch: pytest.MonkeyPatch) -> None:
    stock(monkeypatch, *(item for item in MACHINES if item.gpus == 4))
    pool = Pool.model_validate({"gpu": "card", "nodes": {"min": 0, "max": 1}})
    [finding] = Market("aws", "aa-east-1").choose(pool, PATH).findings
    assert finding.path == PATH
    assert "1 (the default)" in finding.cause


def test_an_unknown_type_is_passed_on_with_a_warning() -> None:
    choice = Market("aws", "aa-east-1").choose(_pool(instanceTypes=["s.fuor"]), PATH)
    [finding] = choice.findings
    assert (choice.types, finding.id, finding.severity) == (("s.fuor",), "GEN368", "warning")
    assert "s.four" in finding.help


def test_a_given_type_is_kept() -> None:
    choice = Market("aws", "aa-east-1").choose(_pool(instanceTypes=["s.large"]), PATH)
    assert (choice.types, choice.findings) == (("s.large",), ())
    assert choice.decision is not None
    assert choice.decision.path == (*PATH, "instanceTypes")


def test_several_types_are_judged_one_by_one() -> None:
    """The smallest of them is what may be reckoned with, and nothing where one of them is not known."""
    market = Market("aws", "aa-east-1")
    choice = market.choose(_pool(instanceTypes=["s.large", "s.tight"]), PATH)
    assert (choice.types, choice.findings) == (("s.large", "s.tight"), ())
    sizes = {item.type: (item.memory_gib, item.vcpus) for item in MACHINES}
    assert (choice.memory_gib, choice.vcpus) == tuple(map(min, sizes["s.large"], sizes["s.tight"]))
    unknown = market.choose(_pool(instanceTypes=["s.large", "s.fuor"]), PATH)
    assert (unknown.types, unknown.memory_gib, unknown.vcpus) == (("s.large", "s.fuor"), 0, 0)
    wrong = market.choose(_pool(instanceTypes=["s.large", "s.four", "t.one"]), PATH)
    assert wrong.types == ()
    assert [(finding.id, finding.path[-1]) for finding in wrong.findings] == [("GEN363", 1), ("GEN363", 2)]


def test_near_regions_come_first() -> None:
    found = instances._nearest_regions("us-east-1", ["ap-south-1", "us-west-2", "us-east-2", "eu-west-1"])
    assert found == ["us-east-2", "us-west-2", "ap-south-1", "eu-west-1"]
