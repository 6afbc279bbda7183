"""The Compose target: what a docker host's placements and gateways become in its project."""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from generator.core.errors import BugError
from generator.core.plan import (
    Container,
    ImageRef,
    Mount,
    PatchPlan,
    Plan,
    ResourcePlan,
    SecretRef,
    SecretUse,
    SourcePlan,
    Volume,
)
from generator.core.protected import COMPOSE_PROTECTED
from generator.resolve.placements.shipped import with_files
from generator.targets.compose.target import COMPOSE
from tests.serving import cluster, gateway, placement, plan

GPU_PAIR = {"gpus": 2, "tensor_parallel": 2, "resources": ResourcePlan(gpus=2)}


def files(whole: Plan) -> dict[str, str]:
    return {artifact.path: artifact.content.decode() for artifact in COMPOSE.render(whole)}


def project(*placements: Any, **changes: Any) -> dict[str, Any]:
    return yaml.safe_load(files(plan(*placements, **changes))["compose/desk/compose.yaml"])


def devices(service: dict[str, Any]) -> list[str]:
    reserved = service["deploy"]["resources"]["reservations"]["devices"]
    assert [item["capabilities"] for item in reserved] == [["gpu"]]
    return reserved[0]["device_ids"]


def test_only_docker_clusters_with_work_get_a_project() -> None:
    names = {"compose.yaml", ".env.example", ".gitignore"}
    assert set(files(plan(placement()))) == {f"compose/desk/{name}" for name in names}
    assert files(plan()) == {}
    assert files(plan(placement(), clusters=(cluster(kubernetes=True),))) == {}


def test_project_is_named_after_fleet_cluster_and_environment() -> None:
    assert project(placement())["name"] == "acme-desk"
    assert project(placement(), environment="prod")["name"] == "acme-prod-desk"


def test_no_obsolete_version_key() -> None:
    assert "version" not in project(placement())


def test_each_replica_has_gpus_of_its_own_and_answers_to_the_same_name() -> None:
    services = project(placement(replicas=2, asked=GPU_PAIR), placement(name="b", first_gpu=4))["services"]
    assert {name: devices(service) for name, service in services.items()} == {
        "chat-desk": ["0", "1"],
        "chat-desk.2": ["2", "3"],
        "chat-b": ["4"],
    }
    assert services["chat-desk.2"]["networks"] == {"default": {"aliases": ["chat-desk"]}}
    assert "networks" not in services["chat-desk"]


def test_a_plan_without_enough_gpus_is_a_bug() -> None:
    with pytest.raises(BugError, match="replica 1"):
        project(placement(device_ids=((),)))


def test_cpu_placement_reserves_nothing() -> None:
    assert "deploy" not in project(placement("ollama"))["services"]["chat-desk"]


@pytest.mark.parametrize(
    ("engine", "command"),
    [
        ("vllm", ["CMD", "curl", "-fsS", "--noproxy", "*", "-o", "/dev/null", "http://127.0.0.1:8000/health"]),
        ("tgi", ["CMD", "curl", "-fsS", "--noproxy", "*", "-o", "/dev/null", "http://127.0.0.1:8080/health"]),
        ("ollama", ["CMD", "ollama", "list"]),
    ],
)
def test_healthcheck_uses_what_the_image_has(engine: str, command: list[str]) -> None:
    check = project(placement(engine))["services"]["chat-desk"]["healthcheck"]
    assert check["test"] == command
    assert check["start_period"] == "660s"
    assert check["interval"] == "10s"
    assert check["retries"] == 5


def test_shared_memory_grace_and_caches() -> None:
    found = project(placement())
    service = found["services"]["chat-desk"]
    assert service["shm_size"] == "2048m"
    assert service["stop_grace_period"] == "150s"
    assert service["volumes"] == [{"type": "volume", "source": "chat-desk-cache", "target": "/home/vllm"}]
    assert found["volumes"] == {"chat-desk-cache": {}}


def test_a_container_gains_no_privileges() -> None:
    found = project(placement(), gateways=(gateway([placement()]),))
    for service in found["services"].values():
        assert service["security_opt"] == ["no-new-privileges:true"]
        assert service["cap_drop"] == ["ALL"]
    assert found["services"]["chat-desk"]["user"] == "2000:0"


def test_ports_are_published_only_when_asked_and_on_the_bind_address() -> None:
    assert "ports" not in project(placement())["services"]["chat-desk"]
    services = project(placement(replicas=2, host_port=8001))["services"]
    assert services["chat-desk"]["ports"] == [
        {"target": 8000, "published": "8001", "host_ip": "127.0.0.1", "protocol": "tcp"}
    ]
    assert "ports" not in services["chat-desk.2"]
    opened = project(placement(host_port=8001), clusters=(cluster(bind="::"),))["services"]["chat-desk"]
    assert opened["ports"][0]["host_ip"] == "::"


def test_secrets_are_references_with_their_users_in_the_example() -> None:
    whole = plan(placement(), placement(name="b", first_gpu=1), gateways=(gateway([placement()]),))
    written = files(whole)
    services = yaml.safe_load(written["compose/desk/compose.yaml"])["services"]
    assert services["chat-desk"]["environment"]["HF_TOKEN"] == "${HF_TOKEN:?set HF_TOKEN in .env}"
    example = written["compose/desk/.env.example"]
    assert "# chat-b, chat-desk\nHF_TOKEN=\n" in example
    assert "# edge.gateway\nLITELLM_MASTER_KEY=\n" in example
    asked = {line.split("=")[0] for line in example.splitlines() if "=" in line}
    assert asked == {"HF_TOKEN", "LITELLM_MASTER_KEY", "DESK_KEY", "OPENAI_API_KEY"}


def test_who_fills_the_example_in_is_told_what_each_secret_is() -> None:
    key = gateway([]).master_key
    purpose, form = "key of the administrator of gateway edge", "as `openssl rand -hex 32` prints one"
    uses = {key: (SecretUse(purpose, "administrator", ("gateways", "edge", "masterKey"), form),)}
    example = files(plan(placement(), gateways=(gateway([placement()]),), secrets=uses))["compose/desk/.env.example"]
    told = "# key of the administrator of gateway edge, as `openssl rand -hex 32` prints one\n# edge.gateway\n"
    assert f"{told}LITELLM_MASTER_KEY=\n" in example


def test_example_without_secrets_says_so() -> None:
    assert "no secret" in files(plan(placement("ollama")))["compose/desk/.env.example"]


def test_dollars_of_values_are_doubled() -> None:
    asked = {"env": {"PROMPT": "${HOME} $5"}, "args": {"response-role": "a$b"}}
    service = project(placement(asked=asked))["services"]["chat-desk"]
    assert service["environment"]["PROMPT"] == "$${HOME} $$5"
    assert service["command"][-2:] == ["--response-role", "a$$b"]


def test_limits_follow_the_resources() -> None:
    asked = {"resources": ResourcePlan(gpus=1, cpu="500m", memory_gib=0.5, memory_limit_gib=0.5)}
    service = project(placement(asked=asked))["services"]["chat-desk"]
    assert service["deploy"]["resources"]["limits"] == {"cpus": "0.5", "memory": "512m"}
    assert devices(service) == ["0"]


def test_weights_of_the_host_are_read_only_and_must_exist() -> None:
    asked = {"source": SourcePlan("path", "/srv/a$b")}
    mounts = project(placement(asked=asked))["services"]["chat-desk"]["volumes"]
    assert mounts[1] == {
        "type": "bind",
        "source": "/srv/a$$b",
        "target": "/models",
        "read_only": True,
        "bind": {"create_host_path": False},
    }


def test_a_claim_on_a_docker_host_is_a_bug() -> None:
    with pytest.raises(BugError, match="claim"):
        project(placement(asked={"source": SourcePlan("pvc", "weights/qwen")}))


def test_ollama_is_pulled_once_beside_its_healthy_server() -> None:
    services = project(placement("ollama", replicas=2))["services"]
    pull = services["chat-desk.pull"]
    assert pull["entrypoint"][:2] == ["/bin/sh", "-c"]
    assert pull["environment"]["MODEL"] == "qwen3:0.6b"
    assert pull["network_mode"] == "service:chat-desk"
    assert pull["environment"]["OLLAMA_HOST"] == "127.0.0.1:11434"
    assert pull["depends_on"] == {"chat-desk": {"condition": "service_healthy"}}
    assert pull["restart"] == "on-failure"
    sources = {name: service["volumes"][0]["source"] for name, service in services.items()}
    assert set(sources.values()) == {"chat-desk-cache"}
    assert set(services) == {"chat-desk", "chat-desk.2", "chat-desk.pull"}


def test_init_containers_end_before_the_server_starts() -> None:
    one = placement()
    fetch = Container("fetch", ImageRef("busybox", "1"), command=("sh", "-c", "x"), mounts=(Mount("tmp", "/work"),))
    volumes = (*one.workload.volumes, Volume("tmp", "scratch"), Volume("ram", "memory", size_gib=1))
    main = replace(one.workload.main, mounts=(Mount("tmp", "/work"), Mount("ram", "/ram")))
    services = project(replace(one, workload=replace(one.workload, init=(fetch,), main=main, volumes=volumes)))[
        "services"
    ]
    assert services["chat-desk"]["depends_on"] == {"chat-desk.fetch": {"condition": "service_completed_successfully"}}
    assert services["chat-desk.fetch"]["entrypoint"] == ["sh", "-c", "x"]
    assert services["chat-desk"]["volumes"] == [
        {"type": "volume", "target": "/work"},
        {"type": "tmpfs", "target": "/ram", "tmpfs": {"size": "1024m"}},
    ]


def test_gateway_waits_for_nobody() -> None:
    chat, other = placement("ollama"), placement(name="b")
    edge = project(chat, other, gateways=(gateway([chat]),))["services"]["edge.gateway"]
    assert "depends_on" not in edge
    assert edge["volumes"][0]["source"] == "../../gateway/edge/config.yaml"
    assert edge["volumes"][0]["read_only"] is True
    assert edge["ports"] == [{"target": 4000, "published": "4000", "host_ip": "127.0.0.1", "protocol": "tcp"}]
    assert edge["healthcheck"]["test"][:3] == ["CMD", "python3", "-c"]
    assert "/health/liveliness" in edge["healthcheck"]["test"][3]
    assert edge["stop_grace_period"] == "630s"


def test_gateway_gets_each_secret_under_its_own_name() -> None:
    database = SecretRef("LITELLM_DATABASE_URL", "litellm", "database-url")
    edge = project(placement(), gateways=(gateway([placement()], database=database, env={"A": "1"}),))
    environment = edge["services"]["edge.gateway"]["environment"]
    reference = "${LITELLM_DATABASE_URL:?set LITELLM_DATABASE_URL in .env}"
    assert environment["DATABASE_URL"] == reference
    assert environment["DESK_KEY"] == "${DESK_KEY:?set DESK_KEY in .env}"
    assert environment["A"] == "1"


def test_gateway_of_another_cluster_or_kind() -> None:
    elsewhere = project(placement(), gateways=(gateway([], cluster="use1"),))
    assert list(elsewhere["services"]) == ["chat-desk"]
    with pytest.raises(BugError, match="unknown"):
        project(placement(), gateways=(gateway([], kind="unknown"),))
    with pytest.raises(BugError, match="no container"):
        project(placement(), gateways=(gateway([], kind="envoy-gateway"),))


def test_patches_of_this_target_are_merged_into_every_server() -> None:
    patches = (
        PatchPlan(("patches", 0), "compose", {"ulimits": {"memlock": -1}, "logging": None}),
        PatchPlan(("patches", 1), "helm", {"podAnnotations": {"team": "chat"}}),
    )
    services = project(placement(replicas=2, patches=patches))["services"]
    for service in services.values():
        assert service["ulimits"] == {"memlock": -1}
        assert "logging" not in service
        assert "podAnnotations" not in service


def test_protected_keys_are_those_that_are_written() -> None:
    edge = gateway([placement("ollama")])
    server = placement(replicas=2, host_port=1, asked={"env": {"A": "1"}})
    server = replace(server, workload=with_files(server.workload, {"a": b""}))
    whole = project(server, gateways=(edge,))
    written = {key for service in whole["services"].values() for key in service}
    not_written = {"entrypoint", "network_mode", "profiles", "scale", "gpus"}
    assert {path[0] for path in COMPOSE_PROTECTED} - not_written <= written


HOST_ENTRY = ["host.docker.internal:host-gateway"]


@pytest.mark.parametrize("variable", ["HF_ENDPOINT", "HTTPS_PROXY", "OTEL_EXPORTER_OTLP_ENDPOINT"])
@pytest.mark.parametrize("engine", ["vllm", "tgi", "ollama"])
def test_whoever_is_told_to_call_the_host_knows_its_name(engine: str, variable: str) -> None:
    told = placement(engine, asked={"env": {variable: "http://host.docker.internal:8080"}})
    services = project(told)["services"]
    assert services["chat-desk"]["extra_hosts"] == HOST_ENTRY
    # The pull has the server's network, and with it its names.
    assert not [name for name, service in services.items() if "network_mode" in service and "extra_hosts" in service]


def test_a_gateway_knows_the_host_that_its_provider_is_on() -> None:
    plain = gateway([placement()])
    [first, last] = plain.routes[0].tiers
    on_host = replace(last.backends[0], url="http://host.docker.internal:11434/v1")
    routes = (replace(plain.routes[0], tiers=(first, replace(last, backends=(on_host,)))),)
    found = project(placement(), gateways=(replace(plain, routes=routes),))["services"]
    assert found["edge.gateway"]["extra_hosts"] == HOST_ENTRY
    assert "extra_hosts" not in found["chat-desk"]


def test_nobody_else_has_an_entry_for_the_host() -> None:
    direct = placement(asked={"env": {"NO_PROXY": "host.docker.internal", "no_proxy": "host.docker.internal"}})
    services = project(direct, gateways=(gateway([direct]),))["services"]
    assert not [name for name, service in services.items() if "extra_hosts" in service]


@pytest.mark.parametrize(
    ("parts", "entry"),
    [
        ({"database": SecretRef("DATABASE_URL", "litellm", "url")}, True),
        ({"given": {"REDIS_URL": SecretRef("REDIS_URL", "redis", "url")}}, True),
        ({"given": {"https_proxy": SecretRef("PROXY", "proxy", "url")}}, True),
        ({"given": {"REDIS_URL": "redis://cache.example.com:6379"}}, False),
        ({"given": {"LANGFUSE_SECRET_KEY": SecretRef("LANGFUSE", "langfuse", "key")}}, False),
    ],
)
def test_an_address_that_is_a_secret_may_be_the_hosts(parts: dict[str, Any], *, entry: bool) -> None:
    edge = replace(gateway([placement()]), **parts)
    assert ("extra_hosts" in project(placement(), gateways=(edge,))["services"]["edge.gateway"]) == entry
