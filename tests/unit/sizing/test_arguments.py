"""Arguments that take memory: each that an engine has is counted, told, or known to take none."""

import re

import pytest

from generator.catalog import reader
from generator.sizing.servers import SERVERS
from generator.sizing.servers.protocol import server

TAKES = re.compile(r"offload|swap|-gb$|bytes|lora|^spec|eplb$|context-parallel|speculate|overhead|-memory-")
NONE = {
    # They say how, and another argument says that.
    *("kv-offloading-backend", "offload-backend", "offload-num-in-group", "offload-params", "offload-prefetch-step"),
    *(
        "lora-dtype",
        "lora-modules",
        "lora-target-modules",
        "max-cpu-loras",
        "max-lora-rank",
        "max-loras",
        "specialize-active-lora",
    ),
    *("fully-sharded-loras", "default-mm-loras", "enable-tower-connector-lora", "lora-extra-vocab-size"),
    *("enable-moe-shared-loras", "max-lora-cls-labels"),
    *("spec-method", "spec-tokens", "sleep-mode-offload-cudagraph", "enable-mixed-moe-lora-format"),
}
VERSIONS = [(name, version) for name in SERVERS for version in reader.engine(name).versions]


@pytest.mark.parametrize(("engine", "version"), VERSIONS)
def test_every_argument_that_sounds_of_memory_has_its_place(engine: str, version: str) -> None:
    known = server(engine).arguments
    placed = {*known.fields, *known.not_modelled, *known.not_counted, *known.host, *NONE}
    sounds = {name for name in reader.engine(engine).versions[version].flags if TAKES.search(name)}
    assert sounds - placed == set()


@pytest.mark.parametrize("engine", SERVERS)
def test_every_argument_with_a_place_is_one_of_the_engine(engine: str) -> None:
    known = server(engine).arguments
    flags = {name for facts in reader.engine(engine).versions.values() for name in facts.flags}
    assert {*known.fields, *known.not_modelled, *known.not_counted, *known.host} - flags == set()


@pytest.mark.parametrize(
    ("args", "gpus", "weights", "gib"),
    [
        ({"kv-offloading-size": 20}, 4, 30.0, 20.0),
        ({"kv-offloading-size": "20"}, 1, 30.0, 20.0),
        ({"cpu-offload-gb": 5}, 4, 30.0, 20.0),
        ({"cpu-offload-gb": 60}, 1, 30.0, 30.0),
        ({"swap-space": 4}, 2, 30.0, 8.0),
        ({"mm-processor-cache-gb": 4}, 2, 30.0, 8.0),
        ({"mm-processor-cache-gb": 4, "api-server-count": 3}, 2, 30.0, 16.0),
        ({"kv-offloading-size": 8, "cpu-offload-gb": 2}, 2, 30.0, 12.0),
        ({"kv-offloading-size": 0, "swap-space": True}, 2, 30.0, 0.0),
    ],
)
def test_what_arguments_keep_on_the_host(args: dict[str, object], gpus: int, weights: float, gib: float) -> None:
    assert sum(server("vllm").arguments.held(args, gpus, weights).values()) == gib
