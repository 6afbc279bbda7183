"""A change that a finding offers is one that the fleet can carry out: it is made here, and the finding goes."""

import re
from itertools import product
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.catalog import reader
from generator.clouds import instances
from generator.core.finding import Finding
from generator.core.kinds.resolve import LITTLE_ROOM
from generator.core.kinds.rules import UNUSED_POOL
from generator.pipeline import check

OF_MEMORY = ("GEN310", "GEN311")


def fleet(cluster: dict[str, Any], pool: dict[str, Any], model: dict[str, Any]) -> dict[str, Any]:
    """One model in one pool."""
    return {
        "apiVersion": "fleetgen/v1",
        "name": "one",
        "clusters": {"here": {**cluster, "pools": {"gpu": pool}}},
        "models": {"m": {"placements": {"p": {"cluster": "here", "pool": "gpu"}}, **model}},
    }


def rented(platform: str, region: str) -> dict[str, Any]:
    theirs = {"eks": {}, "gke": {"project": "acme-ml"}, "aks": {"resourceGroup": "ml"}}[platform]
    return {"platform": platform, "region": region, "cluster": {"existing": "there", **theirs}}


def checked(folder: Path, data: dict[str, Any]) -> tuple[Finding, ...]:
    path = folder / "fleet.yaml"
    path.write_text(yaml.safe_dump(data))
    return check(path, "default").findings


def offers(text: str) -> list[tuple[bool, dict[str, Any]]]:
    """The changes of a help text, a line each: whether it is one of a new pool, and its fields."""
    lines = [re.match(r"(a pool with )?`(.+?)`(:|$)", line) for line in text.splitlines()[1:]]
    assert all(lines), text
    return [(bool(line[1]), yaml.safe_load("{" + line[2] + "}")) for line in lines if line]


def changed(data: dict[str, Any], *, new_pool: bool, fields: dict[str, Any]) -> dict[str, Any]:
    """The fleet after a change."""
    copy = yaml.safe_load(yaml.safe_dump(data))
    placement, pools = copy["models"]["m"]["placements"]["p"], copy["clusters"]["here"]["pools"]
    if new_pool:
        pools["other"] = {**pools[placement["pool"]], **fields}
        placement["pool"] = "other"
    elif args := fields.pop("engine.args", None):
        placement.setdefault("engine", {}).setdefault("args", {}).update(args)
    else:
        placement.update(fields)
    return copy


def failures(folder: Path, data: dict[str, Any]) -> tuple[int, list[Any]]:
    """How many changes are offered, and those that leave the finding, or bring an error or a warning of their own."""
    before = checked(folder, data)
    wrong, count = [], 0
    for finding in before:
        if finding.id not in OF_MEMORY or "\n" not in finding.help:
            continue
        offered = offers(finding.help)
        count += len(offered)
        one = len(offered) == 1
        assert ("each of these" in finding.help) != one, finding.help
        for new_pool, fields in offered:
            after = checked(folder, changed(data, new_pool=new_pool, fields=dict(fields)))
            known = {item.id for item in before} - set(OF_MEMORY)
            # The pool left behind is used by nobody here; that few requests fit at once is no fault.
            known |= {UNUSED_POOL.id, LITTLE_ROOM.id}
            news = [item for item in after if item.severity != "info" and item.id not in known]
            wrong += [(fields, item.id, item.message) for item in news]
    return count, wrong


PLACES = {
    "eks-virginia": rented("eks", "us-east-1"),
    "eks-mumbai": rented("eks", "ap-south-1"),
    "eks-paris": rented("eks", "eu-west-3"),
    "gke-iowa": rented("gke", "us-central1"),
    "gke-jakarta": rented("gke", "asia-southeast2"),
    "aks-virginia": rented("aks", "eastus"),
    "lab": {"platform": "kubernetes"},
    "desk": {"platform": "docker"},
}
VLLM = {"engine": {"name": "vllm", "version": "0.33.0"}}
MODELS: dict[str, dict[str, Any]] = {
    "70b": {**VLLM, "source": {"huggingface": "meta-llama/Llama-3.3-70B-Instruct"}, "context": 8192},
    "14b-named-none": {**VLLM, "source": {"huggingface": "Qwen/Qwen3-14B"}, "quantization": "none", "context": 32768},
    "8b-old": {
        "engine": {"name": "vllm", "version": "0.11.2"},
        "source": {"huggingface": "meta-llama/Llama-3.1-8B-Instruct"},
        "context": 131072,
    },
    "tgi": {
        "engine": {"name": "tgi", "version": "3.3.7"},
        "source": {"huggingface": "Qwen/Qwen2.5-32B-Instruct"},
        "context": 8192,
    },
    "ollama": {"engine": {"name": "ollama"}, "source": {"ollama": "qwen3:32b"}, "context": 40960},
}
SPOT = {"capacity": ["spot"]}


def pools(place: str) -> list[dict[str, Any]]:
    """What is sold there: a small GPU, on spot too."""
    nodes: dict[str, Any] = {"nodes": {"min": 0, "max": 1}, "disk": "500Gi"}
    if place in ("lab", "desk"):
        return [{"gpu": "l4", "nodes": 1}, {"gpu": "l4", "gpusPerNode": 4, "nodes": 1}]
    gpu = "a10-24gb" if place.startswith("aks") else "t4" if place.endswith(("jakarta", "paris")) else "l4"
    on_demand = {"capacity": ["on-demand"]}
    return [{"gpu": gpu, **nodes, **on_demand}, {"gpu": gpu, **nodes, **SPOT}]


MEMBERS = [(place, model, number) for place, model in product(PLACES, MODELS) for number in range(len(pools(place)))]


@pytest.mark.parametrize(("place", "model", "number"), MEMBERS)
def test_what_is_offered_can_be_done(tmp_path: Path, place: str, model: str, number: int) -> None:
    _, wrong = failures(tmp_path, fleet(PLACES[place], pools(place)[number], MODELS[model]))
    assert wrong == []


@pytest.mark.parametrize("place", PLACES)
def test_the_walk_meets_offers(tmp_path: Path, place: str) -> None:
    met = sum(failures(tmp_path, fleet(PLACES[place], pools(place)[0], model))[0] for model in MODELS.values())
    assert met or place == "eks-paris"  # where the catalogue knows no larger GPU


def helped(folder: Path, data: dict[str, Any]) -> str:
    [told] = [finding for finding in checked(folder, data) if finding.id in OF_MEMORY]
    assert failures(folder, data)[1] == []
    return told.help


def test_a_gpu_that_the_region_does_not_sell_is_not_offered(tmp_path: Path) -> None:
    """Each GPU that some region of EKS sells is tried as the pool's, and the offer is one of the region's."""
    pool = {"gpu": "t4", "nodes": {"min": 0, "max": 1}, "disk": "500Gi", "capacity": ["on-demand"]}
    for region in sorted(instances.regions("aws")):
        data = fleet(rented("eks", region), pool, MODELS["8b-old"])
        if any(item.severity == "error" and item.id not in OF_MEMORY for item in checked(tmp_path, data)):
            continue
        for _, fields in offers(helped(tmp_path, data)):
            sellers = {r for item in reader.instances_with("aws", fields.get("gpu", "t4")) for r in item.regions}
            assert region in sellers, (region, fields)


def test_a_pool_of_given_machines_gets_machines_that_have_the_gpu(tmp_path: Path) -> None:
    pool = {**pools("eks-virginia")[0], "instanceTypes": ["g6.2xlarge"]}
    assert "instanceTypes: [" in helped(tmp_path, fleet(PLACES["eks-virginia"], pool, MODELS["14b-named-none"]))


def test_a_gpu_rented_by_the_eight_says_so(tmp_path: Path) -> None:
    """Where a GPU is sold in larger machines only, the pool needs their number of GPUs."""
    offered = [
        fields
        for place, model in product(PLACES, MODELS)
        for _, fields in offers_of(tmp_path, fleet(PLACES[place], pools(place)[0], MODELS[model]))
    ]
    assert any("gpusPerNode" in fields for fields in offered)


def offers_of(folder: Path, data: dict[str, Any]) -> list[tuple[bool, dict[str, Any]]]:
    helps = [finding.help for finding in checked(folder, data) if finding.id in OF_MEMORY and "\n" in finding.help]
    return [offer for text in helps for offer in offers(text)]


@pytest.mark.parametrize(("replicas", "offered"), [(1, True), (2, True), (3, False), (4, False)])
def test_a_split_for_which_the_pool_has_no_gpus_is_not_offered(tmp_path: Path, replicas: int, offered: bool) -> None:
    data = fleet(PLACES["lab"], {"gpu": "l4", "gpusPerNode": 4, "nodes": 1}, MODELS["14b-named-none"])
    data["models"]["m"]["placements"]["p"]["replicas"] = replicas
    assert ("`tensorParallel: 2`" in helped(tmp_path, data)) is offered


def test_gpus_that_are_named_are_not_split(tmp_path: Path) -> None:
    data = fleet(PLACES["desk"], {"gpu": "l4", "gpusPerNode": 4, "nodes": 1}, MODELS["14b-named-none"])
    data["models"]["m"]["placements"]["p"]["devices"] = [1]
    assert "tensorParallel" not in helped(tmp_path, data)


@pytest.mark.parametrize(("others", "offered"), [(0, True), (1, False)])
def test_a_pool_that_is_full_is_not_offered(tmp_path: Path, others: int, offered: bool) -> None:
    data = fleet(PLACES["lab"], {"gpu": "l4", "nodes": 1}, MODELS["14b-named-none"])
    data["clusters"]["here"]["pools"]["large"] = {"gpu": "l40s", "nodes": 1}
    for number in range(others):
        small = {**VLLM, "source": {"huggingface": "Qwen/Qwen3-8B"}, "context": 8192}
        data["models"][f"o{number}"] = {**small, "placements": {"p": {"cluster": "here", "pool": "large"}}}
    assert ("`pool: large`" in helped(tmp_path, data)) is offered


def test_a_cluster_of_another_kind_is_not_offered(tmp_path: Path) -> None:
    data = fleet(PLACES["desk"], {"gpu": "l4", "nodes": 1}, MODELS["14b-named-none"])
    data["models"]["m"]["placements"]["p"]["hostPort"] = 8000
    data["clusters"]["lab"] = {**PLACES["lab"], "pools": {"large": {"gpu": "l40s", "nodes": 1}}}
    assert "pool: large" not in helped(tmp_path, data)


def test_one_offer_is_told_in_the_singular(tmp_path: Path) -> None:
    data = fleet(PLACES["eks-virginia"], pools("eks-virginia")[0], MODELS["70b"])
    text = helped(tmp_path, data)
    assert len(offers(text)) == 1
    assert text.startswith("this fits:")
