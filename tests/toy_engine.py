"""An engine that exists for tests alone, as its recipe in docs/extending.md says, with a server model and without."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import ClassVar

import pytest
import yaml

from generator import resources
from generator.catalog import reader
from generator.core.finding import Finding
from generator.core.plan import Container, Security, ServingRequest, Workload
from generator.engines import ENGINES, checks, common
from generator.load.shapes import fleet_shapes
from generator.render.emit import json_text
from generator.schemas import fleet_schema
from generator.sizing import kv, overhead
from generator.sizing.arguments import Arguments
from generator.sizing.question import Question
from generator.sizing.releases import Release
from generator.sizing.servers import SERVERS
from generator.sizing.servers.protocol import Server, Terms
from generator.sizing.weights import weights

FACTS = {
    "title": "Toy",
    "repository": "toys/toy",
    "tasks": ["chat", "complete"],
    "sources": ["huggingface"],
    "needsGpu": True,
    "defaultConcurrency": 3,
    "features": "wooden wheels",
    "api": "openai",
    "compiles": False,
    "sharesMemory": False,
}
VERSION = {
    "tag": "1.0.0",
    "source": "the tests",
    "asOf": "2026-11-22",
    "quantizations": {"none": "", "awq": ""},
    "minCapability": {"none": 7.0, "awq": 7.5},
    "metrics": {"running": "toy_running", "waiting": "toy_waiting"},
    "flags": {"wheels": "integer"},
}


class Toy:
    """The engine protocol."""

    own = checks.SetByGen(engine="toy", arguments={"model": "`source`"}, variables={})

    def check(self, request: ServingRequest) -> Iterable[Finding]:
        return checks.judge(request, self.own, lambda _: ())

    def unshared(self, args: Mapping[str, object], env: Mapping[str, object]) -> tuple[str, str]:
        return "engine", "toys are not shared"

    def workload(self, request: ServingRequest) -> Workload:
        facts = common.facts("toy", request)
        volumes, mounts = common.storage(request, "/cache")
        args = ("--model", common.model_argument(request), *common.command_line(request.args, facts))
        return Workload(
            engine="toy",
            main=Container("toy", request.image, args=args, env=common.environment({}, request), mounts=mounts),
            ports=(common.http_port(7000),),
            probe=common.http_probe("/health"),
            liveness=common.http_probe("/health"),
            timing=request.timing,
            shutdown=request.shutdown,
            resources=request.resources,
            security=Security(),
            volumes=volumes,
            served_names=(request.model,),
            metrics_path="/metrics",
            running_metric=facts.metrics["running"],
            waiting_metric=facts.metrics["waiting"],
        )


class ToyServer(Server):
    """The server protocol, and nothing of it that may be left out."""

    arguments: ClassVar = Arguments(fields={})
    precisions: ClassVar = ("none",)

    def understood(self, version: str) -> tuple[Release, str] | None:
        return None

    def share(self, question: Question) -> float:
        return 0.8

    def batch(self, question: Question) -> tuple[int, int]:
        return 1024, 32

    def terms(self, question: Question) -> Terms:
        return overhead.usable(question, question.share), (weights(question), overhead.runtime(question))

    def layout(self, question: Question) -> kv.Layout:
        return kv.layout(question, kv.Paging())


TOY, TOY_SERVER = Toy(), ToyServer()


@pytest.fixture
def toy(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The engine `toy` in the registry and in the catalogue; nothing is known of its memory and speed."""
    data, schemas = tmp_path_factory.mktemp("catalogue"), tmp_path_factory.mktemp("schemas")
    _copy(resources.catalog(), data)
    folder = data / "engines" / "toy"
    folder.mkdir()
    folder.with_suffix(".yaml").write_text(yaml.safe_dump(FACTS))
    (folder / "1.0.0.yaml").write_text(yaml.safe_dump(VERSION))
    monkeypatch.setitem(ENGINES, "toy", "tests.toy_engine:TOY")
    monkeypatch.setattr(resources, "catalog", lambda: data)
    (schemas / "fleet.schema.json").write_text(json_text(fleet_schema()))
    (schemas / "overlay.schema.json").write_bytes((resources.schemas() / "overlay.schema.json").read_bytes())
    monkeypatch.setattr(resources, "schemas", lambda: schemas)
    for name in [name for name in sys.modules if name.startswith("generator.cli.size")]:
        monkeypatch.delitem(sys.modules, name)  # options list the engines as they are when a verb is first called
    fleet_shapes.cache_clear()
    reader.engine.cache_clear()
    yield
    fleet_shapes.cache_clear()
    reader.engine.cache_clear()


@pytest.fixture
def toy_server(toy: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same with a server model."""
    monkeypatch.setitem(SERVERS, "toy", "tests.toy_engine:TOY_SERVER")


def _copy(source: Path, target: Path) -> None:
    """A folder of links, since the catalogue is large."""
    for path in source.iterdir():
        if path.name == "engines":
            (target / path.name).mkdir()
            _copy(path, target / path.name)
        else:
            (target / path.name).symlink_to(path)
