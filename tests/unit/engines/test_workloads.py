"""Workloads of the engines: command lines, environments and volumes, held to what the engines' documentation says."""

from itertools import pairwise
from typing import Any

import pytest

from generator.core.lazy import load
from generator.core.plan import Container, Port, Probe, ProbeTiming, SecretRef, Security, Shutdown, SourcePlan, Workload
from generator.engines import ENGINES
from tests.serving import DESK_KEY, TOKEN, request

REVISION = "0123abcd" * 5


def workload(engine: str = "vllm", **changes: Any) -> Workload:
    return load(ENGINES[engine]).workload(request(engine, **changes))


def option(container: Container, name: str) -> str:
    """The value after an option that must appear exactly once."""
    values = [value for flag, value in pairwise(container.args) if flag == name]
    assert len(values) == 1, f"{name} in {container.args}"
    return values[0]


def test_vllm_names_limits_and_drain_agree_with_the_request() -> None:
    source = SourcePlan("huggingface", "Qwen/Qwen3-14B-AWQ", REVISION, TOKEN)
    main = workload(tensor_parallel=2, source=source, utilization=0.92, batched_tokens=2048).main
    assert main.args[0] == "Qwen/Qwen3-14B-AWQ"
    wanted = {
        "--served-model-name": "chat",
        "--revision": REVISION,
        "--port": "8000",
        "--tensor-parallel-size": "2",
        "--max-model-len": "16384",
        "--max-num-seqs": "16",
        "--gpu-memory-utilization": "0.92",
        "--max-num-batched-tokens": "2048",
        "--shutdown-timeout": "120",
        "--disable-access-log-for-endpoints": "/health,/metrics,/ping",
    }
    assert {name: option(main, name) for name in wanted} == wanted


def test_vllm_runs_as_the_user_of_its_image_with_caches_in_its_home() -> None:
    found = workload(api_key=DESK_KEY)
    assert found.security == Security(2000, 0)
    cache = next(mount.path for mount in found.main.mounts if mount.volume == "cache")
    env = found.main.env
    for name in ("HOME", "HF_HOME", "VLLM_CACHE_ROOT"):
        assert str(env[name]).startswith(cache)
    assert env["HF_TOKEN"] == TOKEN
    assert env["VLLM_API_KEY"] == DESK_KEY
    assert env["VLLM_NO_USAGE_STATS"] == env["DO_NOT_TRACK"] == "1"
    assert [(mount.volume, mount.path) for mount in found.main.mounts][1] == ("shm", "/dev/shm")
    assert found.metrics_path == "/metrics"
    assert found.waiting_metric == "vllm:num_requests_waiting"


@pytest.mark.parametrize(
    ("version", "user", "home"),
    [
        ("0.11.2", None, "/cache"),
        ("0.20.2", None, "/cache"),
        ("0.25.1", 2000, "/home/vllm"),
        ("0.33.0", 2000, "/home/vllm"),
    ],
)
def test_vllm_runs_as_whom_its_image_has(version: str, user: int | None, home: str) -> None:
    found = workload("vllm", version=version)
    assert found.security == Security(user, None if user is None else 0)
    assert found.main.env["HOME"] == home
    assert found.main.env["VLLM_CACHE_ROOT"] == f"{home}/.cache/vllm"
    assert {mount.path for mount in found.main.mounts if mount.volume == "cache"} == {home}


@pytest.mark.parametrize(("version", "known"), [("0.11.2", False), ("0.16.0", True), ("0.33.0", True)])
def test_vllm_gets_variables_that_its_version_reads(version: str, *, known: bool) -> None:
    env = workload("vllm", version=version, api_key=DESK_KEY).main.env
    assert ("VLLM_ENGINE_READY_TIMEOUT_S" in env) == known
    assert env["VLLM_API_KEY"] == DESK_KEY


@pytest.mark.parametrize(
    ("version", "kubernetes", "shutdown"),
    [
        ("0.33.0", True, Shutdown(15, 120, 165)),
        ("0.20.2", True, Shutdown(15, 120, 165)),
        ("0.16.0", True, Shutdown(135, 0, 165)),
        ("0.16.0", False, Shutdown(15, 120, 165)),
    ],
)
def test_vllm_that_cuts_requests_is_told_late(version: str, *, kubernetes: bool, shutdown: Shutdown) -> None:
    found = workload("vllm", version=version, kubernetes=kubernetes, shutdown=Shutdown(15, 120, 165))
    assert found.shutdown == shutdown
    assert ("--shutdown-timeout" in found.main.args) == (version >= "0.20.2")


def test_vllm_is_given_what_was_derived_unless_the_user_says_otherwise() -> None:
    derived = {"batched_tokens": 4096, "utilization": 0.87}
    main = workload("vllm", **derived).main
    assert option(main, "--max-num-batched-tokens") == "4096"
    assert option(main, "--gpu-memory-utilization") == "0.87"
    given = {"max-num-batched-tokens": 512, "device-memory-utilization": 0.5}
    main = workload("vllm", **derived, args=given).main
    assert option(main, "--max-num-batched-tokens") == "512"
    assert option(main, "--device-memory-utilization") == "0.5"
    assert "--gpu-memory-utilization" not in main.args
    assert "--max-num-batched-tokens" not in workload("vllm").main.args


def test_repeated_arguments_are_written_once_for_each_value() -> None:
    args = workload("vllm", args={"middleware": ("a.B", "c.D")}).main.args
    assert [value for flag, value in pairwise(args) if flag == "--middleware"] == ["a.B", "c.D"]


def test_vllm_waits_for_its_engine_as_long_as_the_probe_does() -> None:
    """Its own limit of 600 s holds where front ends are processes of their own, and large weights take longer."""
    found = workload("vllm", timing=ProbeTiming(startup_s=1800))
    assert found.main.env["VLLM_ENGINE_READY_TIMEOUT_S"] == "1800"


def test_vllm_without_secrets_names_none() -> None:
    env = workload(source=SourcePlan("huggingface", "Qwen/Qwen3-14B")).main.env
    assert not [value for value in env.values() if isinstance(value, SecretRef)]


@pytest.mark.parametrize(
    ("ref", "quantization", "argument"),
    [
        ("Qwen/Qwen3-14B-AWQ", "awq", ""),
        ("Qwen/Qwen3-14B", "fp8", "fp8"),
        ("Qwen/Qwen3-14B", "none", ""),
        ("Qwen/Qwen3-32B-FP8", "fp8", ""),
        ("somebody/unknown", "gptq", ""),
    ],
)
def test_vllm_quantization_only_where_the_weights_do_not_say_it(ref: str, quantization: str, argument: str) -> None:
    main = workload(source=SourcePlan("huggingface", ref), quantization=quantization).main
    assert (option(main, "--quantization") if argument else "") == argument
    assert argument or "--quantization" not in main.args


@pytest.mark.parametrize(("task", "runner"), [("chat", False), ("embed", True), ("rerank", True)])
def test_vllm_pools_for_embeddings_and_ranking(task: str, *, runner: bool) -> None:
    main = workload(task=task).main
    assert ("--runner" in main.args) == runner
    assert not runner or option(main, "--runner") == "pooling"


def test_user_arguments_take_the_engines_forms_in_order_of_name() -> None:
    args = {
        "seed": -1,
        "enable-prefix-caching": False,
        "enforce-eager": True,
        "disable-log-stats": False,
        "lora-modules": ("a=/x", "b=/y"),
        "gpu-memory-utilization": 0.8,
    }
    main = workload(args=args).main
    assert option(main, "--gpu-memory-utilization") == "0.8"
    tail = main.args[main.args.index("--shutdown-timeout") + 2 :]
    assert tail == (
        "--disable-access-log-for-endpoints",
        "/health,/metrics,/ping",
        "--no-enable-prefix-caching",
        "--enforce-eager",
        "--gpu-memory-utilization",
        "0.8",
        "--lora-modules",
        "a=/x",
        "b=/y",
        "--seed=-1",
    )


def test_the_other_name_of_memory_utilization_replaces_the_default() -> None:
    main = workload(args={"device-memory-utilization": 0.5}).main
    assert "--gpu-memory-utilization" not in main.args


def test_mounted_weights_are_loaded_by_their_path() -> None:
    for source, kind, folder in (
        (SourcePlan("path", "/srv/qwen"), "host", ""),
        (SourcePlan("pvc", "weights/qwen/3"), "claim", "qwen/3"),
    ):
        found = workload(source=source, kubernetes=True)
        volume = next(volume for volume in found.volumes if volume.name == "weights")
        mount = next(mount for mount in found.main.mounts if mount.volume == "weights")
        assert (volume.kind, volume.ref) == (kind, source.ref)
        assert (mount.read_only, mount.sub_path) == (True, folder)
        assert found.main.args[0] == mount.path
        assert option(found.main, "--served-model-name") == "chat"


def test_object_store_weights_are_streamed() -> None:
    main = workload(source=SourcePlan("s3", "s3://models/qwen"), kubernetes=True).main
    assert main.args[0] == "s3://models/qwen"
    assert option(main, "--load-format") == "runai_streamer"
    chosen = {"load-format": "runai_streamer_sharded"}
    main = workload(source=SourcePlan("s3", "s3://models/qwen"), kubernetes=True, args=chosen).main
    assert option(main, "--load-format") == "runai_streamer_sharded"


def test_tgi_limits_leave_room_for_an_answer() -> None:
    found = workload("tgi", tensor_parallel=2, api_key=DESK_KEY)
    main = found.main
    wanted = {
        "--model-id": "Qwen/Qwen3-14B-AWQ",
        "--hostname": "0.0.0.0",
        "--num-shard": "2",
        "--max-total-tokens": "16384",
        "--max-input-tokens": "16383",
        "--max-concurrent-requests": "16",
        "--quantize": "awq",
        "--graceful-termination-timeout": "120",
        "--usage-stats": "off",
    }
    assert {name: option(main, name) for name in wanted} == wanted
    assert "--json-output" in main.args
    assert main.env["API_KEY"] == DESK_KEY
    assert main.env["HF_HOME"] == next(mount.path for mount in main.mounts if mount.volume == "cache")


def test_tgi_listens_above_the_privileged_ports() -> None:
    found = workload("tgi")
    assert found.port.number >= 1024
    assert option(found.main, "--port") == str(found.port.number)
    assert found.security.user is None


def test_ollama_is_configured_by_variables() -> None:
    found = workload("ollama", args={"kv-cache-type": "q8_0", "flash-attention": True, "origins": ("a", "b")})
    assert found.main.args == ("serve",)
    wanted = {
        "OLLAMA_HOST": "0.0.0.0:11434",
        "OLLAMA_CONTEXT_LENGTH": "16384",
        "OLLAMA_NUM_PARALLEL": "16",
        "OLLAMA_KEEP_ALIVE": "-1",
        "OLLAMA_NO_CLOUD": "1",
        "OLLAMA_KV_CACHE_TYPE": "q8_0",
        "OLLAMA_FLASH_ATTENTION": "1",
        "OLLAMA_ORIGINS": "a,b",
    }
    assert {name: found.main.env[name] for name in wanted} == wanted
    assert found.ports == (Port("http", 11434),)
    assert found.served_names == ("qwen3:0.6b",)
    assert found.probe.command == ("ollama", "list")
    assert found.metrics_path == found.waiting_metric == ""


def test_ollama_without_a_gpu_sees_none() -> None:
    assert workload("ollama").main.env["NVIDIA_VISIBLE_DEVICES"] == "void"
    assert "NVIDIA_VISIBLE_DEVICES" not in workload("ollama", gpus=1, gpu="rtx-4090").main.env


def test_ollama_spreads_over_the_gpus_it_is_given() -> None:
    assert workload("ollama", gpus=2, gpu="l4").main.env["OLLAMA_SCHED_SPREAD"] == "1"
    assert "OLLAMA_SCHED_SPREAD" not in workload("ollama", gpus=1, gpu="l4").main.env


def test_ollama_cuts_calls_off_so_the_wait_before_it_is_told_covers_them() -> None:
    pod = workload("ollama", kubernetes=True, shutdown=Shutdown(pre_stop_s=15, drain_s=120, grace_s=165)).shutdown
    assert pod == Shutdown(pre_stop_s=135, drain_s=0, grace_s=165)
    assert workload("vllm", kubernetes=True, shutdown=Shutdown(15, 120, 165)).shutdown == Shutdown(15, 120, 165)


def test_ollama_pulls_beside_the_server_on_docker_and_before_it_in_a_pod() -> None:
    docker = workload("ollama")
    assert not docker.init
    (pull,) = docker.one_shot
    assert (pull.command[2], pull.env["MODEL"]) == (
        'ollama show "$MODEL" >/dev/null 2>&1 || ollama pull "$MODEL"\n',
        "qwen3:0.6b",
    ), "what is there already must not need the library"
    pod = workload("ollama", kubernetes=True)
    assert pod.probe == pod.liveness == Probe("http", "/", "http"), "an exec probe would start a process on busy cores"
    assert not pod.one_shot
    (pull,) = pod.init
    script = pull.command[2]
    assert pull.env["MODEL"] == "qwen3:0.6b"
    assert "qwen3" not in script, "a tag in a script could be read as shell"
    assert [line.split("||")[-1].split() for line in script.splitlines()][-1] == ["ollama", "pull", '"$MODEL"']
    assert {mount.volume for mount in pull.mounts} == {mount.volume for mount in pod.main.mounts}


@pytest.mark.parametrize("engine", ENGINES)
def test_every_mount_has_a_volume_and_every_probe_a_port(engine: str) -> None:
    found = workload(engine)
    volumes = {volume.name for volume in found.volumes}
    for container in (found.main, *found.init, *found.one_shot):
        assert {mount.volume for mount in container.mounts} <= volumes
    for probe in (found.probe, found.liveness):
        assert probe.kind == "exec" or probe.port in {port.name for port in found.ports}


@pytest.mark.parametrize("engine", ENGINES)
def test_a_workload_is_that_of_all_placements_alike(engine: str) -> None:
    """Only what is asked counts: neither the placement's name nor where its settings are written."""
    elsewhere = {"path": ("models", "chat", "placements", "other"), "placement": "other", "at": {}}
    assert workload(engine, **elsewhere) == workload(engine)


LOCAL = {"path": "/srv/models/qwen", "pvc": "weights/qwen"}


@pytest.mark.parametrize("engine", ["vllm", "tgi"])
@pytest.mark.parametrize("kind", ["path", "pvc", "huggingface"])
def test_weights_in_a_folder_are_served_without_the_hub(engine: str, kind: str) -> None:
    source = SourcePlan(kind, LOCAL.get(kind, "Qwen/Qwen3-4B"))
    env = workload(engine, source=source, kubernetes=True).main.env
    assert env.get("HF_HUB_OFFLINE") == ("1" if kind in LOCAL else None)


@pytest.mark.parametrize(
    ("engine", "args", "offline"),
    [
        ("vllm", {"tokenizer": "Qwen/Qwen3-4B"}, False),
        ("vllm", {"tokenizer": "/models/tokenizer"}, True),
        ("vllm", {"hf-config-path": "gpt2"}, False),
        ("vllm", {"generation-config": "vllm"}, True),
        ("vllm", {"lora-modules": ("sql=/adapters/sql", "law=acme/law")}, False),
        ("vllm", {"lora-modules": ("sql=/adapters/sql",)}, True),
        ("vllm", {"lora-modules": ('{"name": "law", "path": "acme/law"}',)}, False),
        ("vllm", {"speculative-config": '{"method": "ngram", "num_speculative_tokens": 4}'}, True),
        ("vllm", {"speculative-config": '{"model": "acme/draft", "num_speculative_tokens": 4}'}, False),
        ("vllm", {"speculative-config": '{"model": "/models/draft", "num_speculative_tokens": 4}'}, True),
        ("vllm", {"trust-remote-code": True}, False),
        ("vllm", {"trust-remote-code": False}, True),
        ("vllm", {"seed": 1}, True),
        ("tgi", {"lora-adapters": "acme/law"}, False),
        ("tgi", {"tokenizer-config-path": "/models/tokenizer_config.json"}, True),
    ],
)
def test_what_an_argument_names_of_the_hub_is_still_fetched(engine: str, args: Any, *, offline: bool) -> None:
    env = workload(engine, source=SourcePlan("path", "/srv/models/qwen"), args=args).main.env
    assert ("HF_HUB_OFFLINE" in env) == offline


def test_the_users_word_on_the_hub_wins() -> None:
    source = SourcePlan("path", "/srv/models/qwen")
    assert workload("vllm", source=source, env={"HF_HUB_OFFLINE": "0"}).main.env["HF_HUB_OFFLINE"] == "0"
    adapters = {"VLLM_ALLOW_RUNTIME_LORA_UPDATING": "True"}
    assert "HF_HUB_OFFLINE" not in workload("vllm", source=source, env=adapters).main.env
