"""One more kind of gateway takes a folder, a catalogue entry and a line: no target knows a kind by its name."""

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator import resources
from generator.catalog import reader
from generator.core.lazy import load
from generator.core.plan import GatewayPlan, Plan, Port, ResourcePlan, SecretRef
from generator.core.plan.service import FilePath, Files, Health, Job, Scratch, Service
from generator.gateways import GATEWAYS
from generator.load import shapes
from generator.schemas import schema_files
from tests import gen_command, serving
from tests.gen_command import Gen

gen = gen_command.gen

FLEET = """\
apiVersion: fleetgen/v1
name: acme
clusters:
  desk: {platform: docker, endpoint: {url: "https://desk.example.com/{port}"}}
  rack: {platform: kubernetes, namespace: inference, has: [prometheus-operator]}
models:
  small:
    source: {ollama: "qwen3:0.6b"}
    engine: {name: ollama, version: 0.32.15}
    context: 8192
    concurrency: 2
    placements: {local: {cluster: desk, hostPort: 11434}}
routes:
  chat: {tiers: [[{model: small}]], timeouts: {total: 10m}}
gateways:
  front: {kind: toy, cluster: desk, hostPort: 4000}
  inner: {kind: toy, cluster: rack}
"""


class Toy:
    """A kind that asks for all that a service can ask for."""

    def files(self, gateway: GatewayPlan, plan: Plan) -> Mapping[str, str]:
        return {"toy.conf": f"fleet {plan.fleet}\n", "live/routes.txt": "chat\n", "aside.txt": "for people\n"}

    def service(self, gateway: GatewayPlan) -> Service:
        return Service(
            image=gateway.image,
            ports=(Port("http", 8080), Port("metrics", 8081)),
            files=Files(("toy.conf",), apart="/opt/toy", together="/etc/toy", watched="live"),
            health=Health("/ready", "/alive", ("toy", "check", FilePath("toy.conf")), 4, 20, 90, 3),
            resources=ResourcePlan(cpu="250m", memory_gib=0.5),
            drain_s=gateway.longest_call_s,
            command=("toy", FilePath("toy.conf")),
            args=("--serve",),
            env={"PLAIN": "$1", "TOKEN": SecretRef("TOY_TOKEN", "toy", "token")},
            secret_files=(gateway.master_key,),
            scratch=(Scratch("/var/toy", 2, {"TOY_HOME": "/var/toy"}),),
            metrics_path="/metrics",
            metrics_args=("--metrics",),
            before=Job(("migrate",), {"WAY": "up"}, {"MIGRATED": "yes"}),
            unprivileged=True,
        )


TOY = Toy()


@pytest.fixture
def registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The toy in the registry and in a copy of the catalogue, and the schemas that follow from them."""
    monkeypatch.setitem(GATEWAYS, "toy", f"{__name__}:TOY")
    catalogue, schemas = tmp_path / "catalogue", tmp_path / "schemas"
    for folder, skipped in ((".", "gateways"), ("gateways", "")):
        (catalogue / folder).mkdir()
        for path in (resources.catalog() / folder).iterdir():
            if path.name != skipped:
                (catalogue / folder / path.name).symlink_to(path)
    facts = yaml.safe_load((resources.catalog() / "gateways" / "envoy.yaml").read_text())
    facts |= {"repository": "example.com/toy", "version": "1.0.0", "tag": "{version}", "masterKey": "TOY_MASTER"}
    (catalogue / "gateways" / "toy.yaml").write_text(yaml.safe_dump(facts))
    schemas.mkdir()
    for name, text in schema_files().items():
        (schemas / name).write_text(text)
    monkeypatch.setattr(resources, "catalog", lambda: catalogue)
    monkeypatch.setattr(resources, "schemas", lambda: schemas)
    for cached in (shapes.fleet_shapes, reader.gateway):
        cached.cache_clear()
    yield
    for cached in (shapes.fleet_shapes, reader.gateway):
        cached.cache_clear()


@pytest.fixture
def rendered(registered: None, gen: Gen) -> Path:
    """What is rendered of a fleet with a toy on a docker host and one on Kubernetes."""
    Path("fleet.yaml").write_text(FLEET)
    Path("fleet.prod.yaml").unlink()
    judged = gen("validate", "fleet.yaml")
    assert judged.code == 0, judged.out
    done = gen("render", "fleet.yaml", "--out", "out")
    assert done.code == 0, done.err
    return next(Path("out").glob("**/compose")).parent


def parsed(path: Path) -> Any:
    return yaml.safe_load(path.read_text())


def test_its_files_stand_in_its_folder_and_are_its_own(rendered: Path) -> None:
    assert (rendered / "gateway/front/toy.conf").read_text() == "fleet acme\n"
    assert (rendered / "gateway/inner/live/routes.txt").is_file()
    owners = [line.split() for line in (rendered / ".gen/manifest").read_text().splitlines() if "toy.conf" in line]
    assert [owner for _, owner, _, _ in owners] == ["toy", "toy"]


def test_compose_runs_it(rendered: Path) -> None:
    service = parsed(rendered / "compose/desk/compose.yaml")["services"]["front.gateway"]
    assert service["image"] == "example.com/toy:1.0.0"
    assert service["user"] == "65534:65534"
    assert service["entrypoint"] == ["toy", "/opt/toy/toy.conf"]
    assert service["command"] == ["--serve"]
    assert service["environment"] == {"PLAIN": "$$1", "TOKEN": "${TOY_TOKEN:?set TOY_TOKEN in .env}"}
    assert service["secrets"] == ["TOY_MASTER"]
    mounted = [(item["source"], item["target"]) for item in service["volumes"]]
    assert mounted == [(f"../../gateway/front/{name}", f"/opt/toy/{name}") for name in ("toy.conf", "live")]
    health = {"test": ["CMD", "toy", "check", "/opt/toy/toy.conf"], "retries": 4, "start_period": "20s"}
    assert health.items() <= service["healthcheck"].items()
    assert service["ports"][0]["target"] == 8080
    assert service["stop_grace_period"] == "630s"


def test_helm_releases_it(rendered: Path) -> None:
    values = parsed(rendered / "helm/rack/inner.gateway.values.yaml")
    assert values["command"] == ["toy", "/etc/toy/toy.conf"]
    assert values["args"] == ["--serve", "--metrics"]
    assert values["env"] == {"MIGRATED": "yes", "PLAIN": "$1", "TOY_HOME": "/var/toy"}
    assert values["secretEnv"] == {"TOKEN": {"secret": "toy", "key": "token"}}
    assert (values["files"], values["liveFiles"]) == ({"toy.conf": "fleet acme\n"}, {"routes.txt": "chat\n"})
    assert (values["filesPath"], values["secretFilesPath"]) == ("/etc/toy", "/run/secrets")
    assert list(values["secretFiles"]) == ["TOY_MASTER"]
    assert values["scratch"] == {"/var/toy": "2Gi"}
    assert values["ports"] == {"http": 8080, "metrics": 8081}
    assert values["resources"] == {"requests": {"cpu": "250m", "memory": "512Mi"}}
    assert values["migration"] == {"enabled": True, "args": ["migrate"], "env": {"TOY_HOME": "/var/toy", "WAY": "up"}}
    assert values["startupProbe"]["failureThreshold"] * values["startupProbe"]["periodSeconds"] == 90
    assert values["livenessProbe"]["httpGet"] == {"path": "/alive", "port": "http"}
    assert values["podMonitor"] == {"enabled": True}
    assert values["shutdown"] == {"preStopSeconds": 15, "drainSeconds": 600, "graceSeconds": 645}


@pytest.mark.parametrize("kind", GATEWAYS)
def test_a_kind_has_a_container_unless_it_runs_on_kubernetes_only(kind: str) -> None:
    service = load(GATEWAYS[kind]).service(serving.gateway((), kind=kind))
    assert (service is None) == reader.gateway(kind).kubernetes_only
