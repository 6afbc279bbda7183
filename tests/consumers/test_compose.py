"""Docker Compose itself reads our projects, and what it understood is held to facts about engines and Docker."""

import json
import os
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from generator.core.plan import ImageRef, Plan, ResourcePlan, SecretRef, SourcePlan
from generator.resolve.placements.shipped import with_files
from generator.targets.compose.target import COMPOSE
from tests.consumers.patience import PATIENCE_S
from tests.consumers.tools import tool
from tests.serving import DESK_KEY, cluster, gateway, placement, plan

pytestmark = pytest.mark.consumer("compose")

OUTPUTS = Path(__file__).resolve().parents[2] / "outputs"
PAIR = {"gpus": 2, "tensor_parallel": 2, "resources": ResourcePlan(gpus=2, cpu="8", memory_gib=48, memory_limit_gib=48)}
SECOND = 1_000_000_000

Project = dict[str, Any]


def compose(folder: Path, env_file: Path) -> subprocess.CompletedProcess[str]:
    """Compose's own reading of a project, with nothing but the env file's variables."""
    command = [tool("compose"), "--env-file", env_file, "--file", folder / "compose.yaml", "config", "--format", "json"]
    surroundings = {"PATH": os.environ["PATH"], "HOME": str(env_file.parent)}
    return subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=PATIENCE_S, check=False)


def read(folder: Path, tmp_path: Path) -> Project:
    """The project as Compose understands it, every variable of `.env.example` filled with its own name."""
    env_file = tmp_path / "filled.env"
    example = (folder / ".env.example").read_text(encoding="utf-8").splitlines()
    names = [line.removesuffix("=") for line in example if line and not line.startswith("#")]
    env_file.write_text("".join(f"{name}=value-of-{name}\n" for name in names), encoding="utf-8")
    done = compose(folder, env_file)
    assert done.returncode == 0, done.stderr
    assert "level=warning" not in done.stderr, done.stderr
    return json.loads(done.stdout)


def write(whole: Plan, tmp_path: Path) -> Path:
    for artifact in COMPOSE.render(whole):
        file = tmp_path / artifact.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(artifact.content)
    return tmp_path / "compose" / "desk"


def everything() -> Plan:
    """All engines, two replicas, weights on the host, a patch of nothing, and a gateway with a database."""
    vllm = placement(replicas=2, host_port=8001, asked={**PAIR, "api_key": DESK_KEY, "env": {"A": "$B ${C}"}})
    local = placement(name="local", first_gpu=4, asked={"source": SourcePlan("path", "/srv/models/qwen")})
    tgi = placement("tgi", name="tgi", first_gpu=5, host_port=8002, asked={"api_key": DESK_KEY})
    ollama = placement("ollama", name="cpu")
    edge = gateway([vllm, tgi, ollama], database=SecretRef("DATABASE_URL", "litellm", "url"))
    return plan(vllm, local, tgi, ollama, gateways=(edge,))


def reserved(service: Project) -> list[str]:
    resources = service.get("deploy", {}).get("resources", {})
    return [gpu for device in resources.get("reservations", {}).get("devices", []) for gpu in device["device_ids"]]


def seconds(text: str) -> int:
    """Compose's `11m0s` in seconds."""
    total, number = 0, ""
    for letter in text:
        if letter.isdigit():
            number += letter
        else:
            total += int(number) * {"h": 3600, "m": 60, "s": 1}[letter]
            number = ""
    return total


def folders() -> list[Path]:
    return sorted(file.parent for file in OUTPUTS.glob("*/*/compose/*/compose.yaml"))


def hold_to_facts(project: Project) -> None:
    """What must be true of every project, whoever wrote it down."""
    services = project["services"]
    gpus = Counter(gpu for service in services.values() for gpu in reserved(service))
    assert not [gpu for gpu, count in gpus.items() if count > 1], "a GPU belongs to two containers"
    ports = Counter(
        (port["host_ip"], port["published"]) for service in services.values() for port in service.get("ports", [])
    )
    assert not [port for port, count in ports.items() if count > 1], "a host port is published twice"
    for name, service in services.items():
        assert service["image"].rpartition("@")[2].startswith("sha256:") or ":" in service["image"].rpartition("/")[2]
        assert not service["image"].endswith(":latest")
        assert service["security_opt"] == ["no-new-privileges:true"]
        if service["restart"] in {"no", "on-failure"}:
            assert "healthcheck" not in service
        else:
            hold_server(name, service)


TOOLS = {"ollama": "ollama", "litellm": "python3", "envoy": "bash"}
"""By a part of an image's name: the program of its that can ask for health."""


def hold_server(name: str, service: Project) -> None:
    check = service["healthcheck"]["test"]
    image = service["image"]
    tool_of_image = next((own for part, own in TOOLS.items() if part in image), "curl")
    assert check[:2] == ["CMD", tool_of_image], f"{name}: the image has no {check[1]}"
    command = service.get("command") or []
    for ranks in ("--tensor-parallel-size", "--num-shard"):
        if ranks in command:
            assert int(after(command, ranks)) == len(reserved(service))
            assert int(service["shm_size"]) >= 1 << 30
    for drain in ("--shutdown-timeout", "--graceful-termination-timeout"):
        if drain in command:
            assert seconds(service["stop_grace_period"]) > int(after(command, drain))
    if "--port" in command and tool_of_image == "curl":
        assert check[-1] == f"http://127.0.0.1:{after(command, '--port')}/health"
    if tool_of_image == "ollama":
        assert int(service["environment"]["OLLAMA_CONTEXT_LENGTH"]) > 0


def after(command: list[str], flag: str) -> str:
    return next(value for key, value in pairwise(command) if key == flag)


def test_compose_reads_all_engines_and_a_gateway(tmp_path: Path) -> None:
    project = read(write(everything(), tmp_path), tmp_path)
    hold_to_facts(project)
    services = project["services"]
    assert project["name"] == "acme-desk"
    assert {name: reserved(service) for name, service in services.items() if reserved(service)} == {
        "chat-desk": ["0", "1"],
        "chat-desk.2": ["2", "3"],
        "chat-local": ["4"],
        "chat-tgi": ["5"],
    }
    assert services["chat-desk"]["environment"]["VLLM_API_KEY"] == "value-of-DESK_KEY"
    assert services["chat-desk"]["environment"]["HF_TOKEN"] == "value-of-HF_TOKEN"
    assert services["chat-tgi"]["environment"]["API_KEY"] == "value-of-DESK_KEY"
    assert seconds(services["chat-desk"]["healthcheck"]["start_period"]) == 660
    assert services["chat-desk"]["deploy"]["resources"]["limits"] == {"cpus": 8, "memory": str(48 << 30)}
    assert services["chat-cpu.pull"]["network_mode"] == "service:chat-cpu"
    assert not services["edge.gateway"].get("depends_on")


def test_compose_reads_an_envoy(tmp_path: Path) -> None:
    edge = gateway([placement()], kind="envoy", image=ImageRef("envoyproxy/envoy", "v1.40.0"))
    project = read(write(plan(placement(), gateways=(edge,)), tmp_path), tmp_path)
    hold_to_facts(project)
    service = project["services"]["edge.gateway"]
    assert service["user"] != "root"
    assert seconds(service["stop_grace_period"]) > int(service["command"][0]) == 600
    targets = {mount["target"] for mount in service["volumes"]}
    assert {*service["entrypoint"][1:], service["command"][2], service["healthcheck"]["test"][2]} <= targets
    assert {secret["source"] for secret in service["secrets"]} == {"LITELLM_MASTER_KEY", "DESK_KEY", "OPENAI_API_KEY"}


def test_files_are_mounted_and_a_changed_one_restarts_the_service(tmp_path: Path) -> None:
    hashes = []
    for number, held in enumerate((b"{{ $x }}", b"\x00\xff", b"{{ $x }}")):
        first = placement()
        shipped = replace(first, workload=with_files(first.workload, {"one": held, "two": b"2"}))
        (tmp_path / str(number)).mkdir()
        folder = write(plan(shipped), tmp_path / str(number))
        project = read(folder, tmp_path)
        mount = next(volume for volume in project["services"]["chat-desk"]["volumes"] if volume["target"] == "/files")
        assert mount["read_only"]
        assert (Path(mount["source"]) / "one").read_bytes() == held
        hashes.append(config_hash(folder, tmp_path))
    assert hashes[0] == hashes[2] != hashes[1]


def config_hash(folder: Path, tmp_path: Path) -> str:
    """By what Compose judges whether a service has changed; the place of the project is part of it."""
    shared = tmp_path / "shared"
    shutil.rmtree(shared, ignore_errors=True)
    shutil.copytree(folder, shared)
    command = [tool("compose"), "--file", shared / "compose.yaml", "config", "--hash", "chat-desk"]
    surroundings = {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "HF_TOKEN": "x"}
    done = subprocess.run(command, env=surroundings, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[1]


def test_text_with_dollars_arrives_unchanged(tmp_path: Path) -> None:
    project = read(write(everything(), tmp_path), tmp_path)
    # Compose doubles dollars in what it prints, as a file would need them.
    assert project["services"]["chat-desk"]["environment"]["A"].replace("$$", "$") == "$B ${C}"


def test_ports_open_on_this_machine_only_unless_asked(tmp_path: Path) -> None:
    project = read(write(everything(), tmp_path), tmp_path)
    published = [port for service in project["services"].values() for port in service.get("ports", [])]
    assert {port["host_ip"] for port in published} == {"127.0.0.1"}
    assert {(port["published"], port["target"]) for port in published} == {
        ("8001", 8000),
        ("8002", 8080),
        ("4000", 4000),
    }
    opened = plan(placement(host_port=8001), clusters=(cluster(bind="0.0.0.0"),))
    project = read(write(opened, tmp_path / "open"), tmp_path)
    assert project["services"]["chat-desk"]["ports"][0]["host_ip"] == "0.0.0.0"


def test_a_missing_secret_stops_compose_with_its_name(tmp_path: Path) -> None:
    folder = write(everything(), tmp_path)
    done = compose(folder, folder / ".env.example")
    assert done.returncode != 0
    assert "in .env" in done.stderr


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ("device_ids:", "count: 1\n              device_ids:"),
        ("  start_period: 660s", "  start_period: soon"),
        ("condition: service_healthy", "condition: service_fine"),
        ("shm_size: 2048m", "shm_size: plenty"),
        ("type: volume", "type: volumes"),
    ],
)
def test_compose_refuses_what_is_broken(tmp_path: Path, old: str, new: str) -> None:
    folder = write(everything(), tmp_path)
    read(folder, tmp_path)
    file = folder / "compose.yaml"
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")
    assert compose(folder, tmp_path / "filled.env").returncode != 0


@pytest.mark.parametrize("folder", folders(), ids=lambda folder: "-".join(folder.parts[-4:]))
def test_compose_reads_every_committed_project(folder: Path, tmp_path: Path) -> None:
    project = read(folder, tmp_path)
    hold_to_facts(project)
    for name, service in project["services"].items():
        for mount in service.get("volumes", []):
            if mount["type"] == "bind" and "/gateway/" in mount["source"]:
                assert Path(mount["source"]).exists(), f"{name}: {mount['source']} was not written"


def test_those_that_share_a_gpu_start_one_after_the_other(tmp_path: Path) -> None:
    first, second = placement(name="first"), placement("tgi", name="second")
    whole = plan(placement(name="apart", first_gpu=1), first, second)
    services = read(write(whole, tmp_path), tmp_path)["services"]
    waits = {name: service.get("depends_on", {}) for name, service in services.items()}
    assert waits == {first.service: {}, second.service: waits[second.service], whole.placements[0].service: {}}
    assert waits[second.service][first.service]["condition"] == "service_healthy"
