"""A guess is never an error: whatever the catalogue does not know is told, and refuses nothing.

The walk goes over platforms, places of weights, disks, cards and machines. What cannot be written without a fact, such
as the machine for a card that nobody knows, is no guess, and has its own cases.
"""

from itertools import product
from pathlib import Path

import pytest

from generator.catalog import reader
from generator.core.finding import Severity
from generator.engines import ENGINES
from generator.pipeline import Checked, check, render
from generator.resolve.placements.facts import similar

PLATFORMS = {
    "docker": "platform: docker",
    "kubernetes": "platform: kubernetes, has: [keda, prometheus-operator]",
    "eks": "platform: eks, region: us-east-1, cluster: {existing: platform}",
    "gke": "platform: gke, region: us-central1, cluster: {existing: platform, project: acme}",
    "aks": "platform: aks, region: eastus, cluster: {existing: platform, resourceGroup: acme}",
}
MACHINES = {"eks": "g6.12xlarge", "gke": "g2-standard-48", "aks": "Standard_NC96ads_A100_v4"}
CARDS = {"aks": "a100-pcie-80gb"}
UNKNOWN = {
    "vllm": ["huggingface: acme/private-14b", "huggingface: Qwen/Qwen3-14B-AWK", "path: /models/x", "s3: s3://acme/x"],
    "tgi": ["huggingface: acme/private-14b", "huggingface: Qwn/Qwen3-14B-AWQ", "path: /models/x"],
    "ollama": ["ollama: 'acme-model:3b'", "ollama: 'qwen3:15b'"],
}
FLEET = """\
apiVersion: fleetgen/v1
name: guess
clusters:
  here: {{{platform}{volumes}, pools: {{gpu: {{gpu: {card}, gpusPerNode: 4, nodes: 1{pool}}}}}}}
models:
  chat:
    source: {{{source}}}
    engine: {{name: {engine}}}
    context: 8192
    {model}
    placements: {{one: {{cluster: here, pool: gpu, replicas: {replicas}, {placement}}}}}
routes: {{chat: {{tiers: [[{{model: chat}}]]}}}}
"""


def checked(folder: Path, platform: str, source: str, **given: str) -> Checked:
    values = {
        "engine": next(name for name, sources in UNKNOWN.items() if source in sources),
        "card": CARDS.get(platform, "l4"),
        "volumes": "",
        "pool": "",
        "model": "",
        "replicas": "4",
        "placement": "devices: [0, 1, 2, 3]" if platform == "docker" else "",
        **given,
    }
    if platform in MACHINES and "instanceTypes" not in values["pool"]:
        values["pool"] += f", instanceTypes: [{MACHINES[platform]}]"
    spec = folder / "fleet.yaml"
    spec.write_text(FLEET.format(platform=PLATFORMS[platform], source=source, **values))
    return check(spec, "default")


def refused(found: Checked) -> list[str]:
    return [f"{item.id} {item.message} ({item.cause})" for item in found.findings if item.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("platform", "source"),
    list(product(PLATFORMS, [source for sources in UNKNOWN.values() for source in sources])),
)
@pytest.mark.parametrize("disk", ["", "60Gi", "100Gi", "300Gi"])
def test_unknown_weights(tmp_path: Path, platform: str, source: str, disk: str) -> None:
    """Nor do the files ask for more of a node than it has: a pod that waits for ever is a refusal as well."""
    if disk and platform not in MACHINES:
        pytest.skip("nobody rents these nodes")
    found = checked(tmp_path, platform, source, pool=f", disk: {disk}" if disk else "")
    assert refused(found) == []
    [told] = [item for item in found.findings if item.id == "GEN301"]
    # What looks like a slip of a known name is more than a note.
    assert told.severity is (Severity.WARNING if "did you mean" in told.help else Severity.INFO)
    assert found.plan
    assert render(found)
    [placement] = found.plan.placements
    if disk and disk != "60Gi":
        asked = placement.workload.resources.disk_gib * 4
        assert asked <= int(disk.removesuffix("Gi")) * 0.85 - 30
        assert not [item for item in found.findings if item.id == "GEN314"]


def test_weights_of_known_size_are_held_against_the_disk(tmp_path: Path) -> None:
    """What is known still refuses, or the walk above would prove nothing."""
    for size, expected in (("9Gi", ["GEN314"]), ("900Gi", ["GEN314"])):
        found = check_described(tmp_path, size)
        assert [item[:6] for item in refused(found)] == expected


def check_described(folder: Path, size: str) -> Checked:
    source = UNKNOWN["vllm"][0]
    text = FLEET.format(
        platform=PLATFORMS["eks"],
        source=f"{source}, weights: {size}",
        engine="vllm",
        card="l4",
        volumes="",
        pool=", disk: 60Gi, instanceTypes: [g6.12xlarge]",
        model="",
        replicas="4",
        placement="",
    )
    spec = folder / "fleet.yaml"
    spec.write_text(text)
    return check(spec, "default")


@pytest.mark.parametrize(
    ("platform", "card", "pool"),
    [
        ("docker", "zx-9000", ""),
        ("kubernetes", "zx-9000", ""),
        ("eks", "zx-9000", ", instanceTypes: [g9.12xlarge]"),
        ("aks", "zx-9000", ", instanceTypes: [Standard_NC400]"),
        ("eks", "l4", ", instanceTypes: [g6.13xlarge]"),
        ("gke", "l4", ", instanceTypes: [g2-standard-49]"),
        ("aks", "a100-pcie-80gb", ", instanceTypes: [Standard_NC97ads_A100_v4]"),
    ],
)
@pytest.mark.parametrize("engine", list(ENGINES))
def test_unknown_cards_and_machines(tmp_path: Path, platform: str, card: str, pool: str, engine: str) -> None:
    for model in ("", "resources: {memory: 900Gi, cpu: '300'}"):
        source = UNKNOWN[engine][0]
        found = checked(tmp_path, platform, source, card=card, pool=pool, model=model)
        assert refused(found) == []
        told = {item.id: item.severity for item in found.findings}
        assert {"GEN360", "GEN368"} & told.keys()
        assert Severity.ERROR not in told.values()


@pytest.mark.parametrize("model", ["quantization: awq", "quantization: mxfp4", "concurrency: 900", "tensorParallel: 4"])
def test_what_is_asked_of_unknown_weights(tmp_path: Path, model: str) -> None:
    found = checked(tmp_path, "kubernetes", UNKNOWN["vllm"][0], model=model, replicas="1")
    assert refused(found) == []


@pytest.mark.parametrize("region", ["us-mars-1", "us-east-9"])
def test_an_unknown_region_with_machines_that_are_given(tmp_path: Path, region: str) -> None:
    source = UNKNOWN["vllm"][0]
    spec = tmp_path / "fleet.yaml"
    checked(tmp_path, "eks", source)
    spec.write_text(spec.read_text().replace("us-east-1", region))
    found = check(spec, "default")
    assert refused(found) == []
    assert [item.severity for item in found.findings if item.id == "GEN364"] == [Severity.WARNING]


@pytest.mark.parametrize(("memory", "expected"), [("180Gi", Severity.WARNING), ("200Gi", Severity.ERROR)])
def test_a_share_that_the_system_takes_is_an_assumption(tmp_path: Path, memory: str, expected: Severity) -> None:
    """A machine of 192 GiB: no pod has 200 of them, and whether one has 180 depends on what else runs there."""
    found = checked(
        tmp_path,
        "eks",
        UNKNOWN["vllm"][0],
        pool=", disk: 300Gi",
        replicas="1",
        model=f"resources: {{memory: {memory}}}",
    )
    assert [item.severity for item in found.findings if item.id == "GEN314"] == [expected]


@pytest.mark.parametrize(
    ("kind", "ref", "meant"),
    [
        ("huggingface", "Qwen/Qwen3-14B-AWK", "Qwen/Qwen3-14B-AWQ"),
        ("huggingface", "Qwn/Qwen3-14B-AWQ", "Qwen/Qwen3-14B-AWQ"),
        ("huggingface", "qwen/qwen3-14b-awq", "Qwen/Qwen3-14B-AWQ"),
        ("huggingface", "meta-lama/Llama-3.3-70B-Instruct", "meta-llama/Llama-3.3-70B-Instruct"),
        ("ollama", "qwen3:14bb", "qwen3:14b"),
        ("ollama", "qwen3:15b", "qwen3:14b"),
    ],
)
def test_what_a_misspelt_place_meant(kind: str, ref: str, meant: str) -> None:
    assert (reader.models().get(meant) or reader.models().get(f"ollama:{meant}")) is not None
    assert similar(kind, ref)[0] == meant


@pytest.mark.parametrize(
    ("kind", "ref"),
    [("huggingface", "acme/private-14b"), ("ollama", "acme-model:3b"), ("s3", "s3://x"), ("path", "/models/x")],
)
def test_a_place_that_is_like_none(kind: str, ref: str) -> None:
    assert similar(kind, ref) == ()
