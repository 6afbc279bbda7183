"""What a placement leaves open is chosen so that it fits, and what a refusal offers really helps."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.catalog import reader
from generator.core.finding import Severity
from generator.core.plan import PlacementPlan
from generator.pipeline import Checked, check
from generator.resolve.placements import host
from generator.resolve.placements.sized import Sized
from generator.sizing import throughput
from generator.sizing.budget import budget
from generator.sizing.question import Question
from generator.sizing.servers.ollama import OLLAMA
from generator.sizing.verdict import Verdict


def spec(pool: dict[str, Any], *, platform: str = "kubernetes", **model: Any) -> dict[str, Any]:
    """A fleet of one model in one pool."""
    return {
        "apiVersion": "fleetgen/v1",
        "name": "one",
        "clusters": {"here": {"platform": platform, "pools": {"gpu": {"nodes": 2, **pool}}}},
        "models": {"m": {"engine": {"name": "vllm"}, "placements": {"p": {"cluster": "here", "pool": "gpu"}}, **model}},
    }


def checked(folder: Path, data: dict[str, Any]) -> Checked:
    path = folder / "fleet.yaml"
    path.write_text(yaml.safe_dump(data))
    return check(path, "default")


def placed(folder: Path, data: dict[str, Any]) -> PlacementPlan:
    found = checked(folder, data)
    assert found.plan is not None, [(item.id, item.message) for item in found.findings]
    return found.plan.placements[0]


def option(plan: PlacementPlan, name: str) -> str:
    args = plan.workload.main.args
    assert args.count(name) == 1, f"{name} in {args}"
    return args[args.index(name) + 1]


def source(name: str) -> dict[str, str]:
    return {"huggingface": name}


@pytest.mark.parametrize("gpu", ["l4", "l40s", "a100-pcie-80gb"])
def test_a_context_that_nobody_wrote_leaves_room_for_several(tmp_path: Path, gpu: str) -> None:
    plan = placed(tmp_path, spec({"gpu": gpu}, source=source("Qwen/Qwen3-14B-AWQ")))
    model, card = reader.model("Qwen/Qwen3-14B-AWQ"), reader.gpu(gpu)
    assert model
    assert card
    asked = Question.about(
        model,
        card,
        context=plan.context,
        max_num_seqs=plan.concurrency,
        max_num_batched_tokens=int(option(plan, "--max-num-batched-tokens")),
        utilization=float(option(plan, "--gpu-memory-utilization")),
    )
    assert budget(asked).max_concurrency.low >= 3.9
    assert plan.context <= 32768


def test_more_requests_at_once_never_shrink_a_context_that_nobody_wrote(tmp_path: Path) -> None:
    """Few of them are long at once: a chat of 32 requests is not one of 1,024 tokens."""

    def context(concurrency: int) -> int:
        data = spec({"gpu": "l4"}, source=source("Qwen/Qwen3-14B-AWQ"), concurrency=concurrency)
        return placed(tmp_path, data).context

    assert context(4) >= context(32) >= context(200) >= 8192


def test_where_little_is_left_a_short_context_is_judged(tmp_path: Path) -> None:
    args = {"max-num-batched-tokens": 16384}
    data = spec({"gpu": "l4"}, source=source("Qwen/Qwen3-8B"), engine={"name": "vllm", "args": args})
    found = checked(tmp_path, data)
    assert [item.id for item in found.findings if item.severity != "info"] == ["GEN311"]
    assert found.plan
    assert found.plan.placements[0].context == 4096


def test_an_ordinary_model_on_a_small_card_keeps_a_context_to_chat_in(tmp_path: Path) -> None:
    """Four short conversations at once are worth less than two whole ones."""
    plan = placed(tmp_path, spec({"gpu": "l4"}, source=source("Qwen/Qwen3-8B")))
    assert plan.context == 4096


def test_no_more_requests_are_chosen_than_a_written_step_holds(tmp_path: Path) -> None:
    engine = {"name": "vllm", "args": {"max-num-batched-tokens": 50}}
    data = spec({"gpu": "h100-sxm"}, source=source("Qwen/Qwen3-8B"), engine=engine)
    assert int(option(placed(tmp_path, data), "--max-num-seqs")) <= 50


def test_a_smaller_card_and_a_longer_context_hold_fewer_requests(tmp_path: Path) -> None:
    def requests(gpu: str, context: int) -> int:
        data = spec({"gpu": gpu}, source=source("Qwen/Qwen3-14B-AWQ"), context=context)
        return placed(tmp_path, data).concurrency

    assert requests("l4", 4096) > requests("l4", 16384) >= 1
    assert requests("l40s", 16384) > requests("l4", 16384)


def test_a_screen_or_a_small_card_leaves_more_memory_free(tmp_path: Path) -> None:
    def share(gpu: str, platform: str) -> float:
        data = spec({"gpu": gpu, "nodes": 1}, platform=platform, source=source("Qwen/Qwen3-0.6B"), context=4096)
        return float(option(placed(tmp_path, data), "--gpu-memory-utilization"))

    assert share("l4", "kubernetes") == 0.92
    assert share("rtx-3060-12gb", "docker") < share("rtx-3060-12gb", "kubernetes") <= 0.92


def test_steps_shrink_where_the_cache_needs_the_room(tmp_path: Path) -> None:
    roomy = spec({"gpu": "h100-sxm"}, source=source("Qwen/Qwen3-8B"), context=8192)
    close = spec({"gpu": "h100-sxm"}, source=source("Qwen/Qwen2.5-72B-Instruct"), quantization="fp8", context=4096)
    default, smaller = (int(option(placed(tmp_path, data), "--max-num-batched-tokens")) for data in (roomy, close))
    assert default == 8192
    assert smaller < default


def test_what_is_written_for_the_engine_is_said_once(tmp_path: Path) -> None:
    args = {"gpu-memory-utilization": 0.8, "max-num-batched-tokens": 4096}
    data = spec({"gpu": "l4"}, source=source("Qwen/Qwen3-8B"), context=8192, engine={"name": "vllm", "args": args})
    plan = placed(tmp_path, data)
    assert option(plan, "--gpu-memory-utilization") == "0.8"
    assert option(plan, "--max-num-batched-tokens") == "4096"
    memory = next(item for item in plan.decisions if item.field == "memory")
    assert f"{22.04 * 0.8:.2f} GiB usable" in memory.why


def test_scaling_asks_for_another_replica_before_the_cache_is_full(tmp_path: Path) -> None:
    data = spec({"gpu": "l4"}, source=source("Qwen/Qwen3-14B-AWQ"), context=16384, concurrency=200)
    data["clusters"]["here"] |= {"has": ["keda"], "prometheus": {"url": "http://prometheus:9090"}}
    data["models"]["m"]["placements"]["p"]["replicas"] = {"min": 1, "max": 2}
    scale = placed(tmp_path, data).autoscaling
    # Of 200 requests the cache holds some fifteen: a target of 160 would leave callers waiting for ever.
    assert scale is not None
    assert scale.threshold < 20


REFUSED = [
    spec({"gpu": "l4", "gpusPerNode": 4}, source=source("Qwen/Qwen3-14B"), context=16384),
    spec({"gpu": "l4"}, source=source("meta-llama/Llama-3.1-8B-Instruct"), context=131072),
    spec({"gpu": "h100-sxm", "gpusPerNode": 8}, source=source("meta-llama/Llama-3.3-70B-Instruct"), context=32768),
    spec({"gpu": "rtx-4090", "nodes": 1}, platform="docker", source=source("Qwen/Qwen3-32B"), context=8192),
    # A state for each of 2,000 sequences.
    spec({"gpu": "h100-sxm"}, source=source("ibm-granite/granite-4.0-h-small"), context=32768, concurrency=2000),
    {
        **spec({"gpu": "l4"}, source=source("Qwen/Qwen3-14B"), context=16384),
        "clusters": {
            "here": {
                "platform": "kubernetes",
                "pools": {"gpu": {"gpu": "l4", "nodes": 2}, "large": {"gpu": "l40s", "nodes": 1}},
            }
        },
    },
]


EKS = {"existing": "c", "subnets": ["subnet-0a1b2c3d4e5f60718"]}
RENTED = [
    ("eks", "us-east-1", {"gpu": "l4"}, EKS),
    ("eks", "eu-west-3", {"gpu": "t4"}, EKS),
    ("eks", "sa-east-1", {"gpu": "t4", "gpusPerNode": 4}, EKS),
    ("eks", "us-east-1", {"gpu": "l4", "instanceTypes": ["g6.2xlarge"]}, EKS),
    ("gke", "europe-west4", {"gpu": "l4"}, {"existing": "c", "project": "p"}),
    ("gke", "asia-southeast1", {"gpu": "l4", "capacity": ["flex-start"]}, {"existing": "c", "project": "p"}),
]
for _platform, _region, _pool, _theirs in RENTED:
    REFUSED.append(spec(_pool, platform=_platform, source=source("Qwen/Qwen3-32B"), context=16384))
    REFUSED[-1]["clusters"]["here"] |= {"region": _region, "cluster": _theirs}
# All GPUs are taken; the other pool is.
REFUSED.append(spec({"gpu": "l4", "gpusPerNode": 2, "nodes": 1}, source=source("Qwen/Qwen3-14B"), context=16384))
REFUSED[-1]["models"]["m"]["placements"]["p"]["replicas"] = 2


def cures(text: str) -> list[dict[str, Any]]:
    """The changes of a help text, as keys of the placement; those of another GPU change the pool."""
    return [yaml.safe_load(f"{{{line}}}" if "{" not in line.partition(":")[0] else line) for line in _fields(text)]


def _fields(text: str) -> list[str]:
    return [found.replace("engine.args: ", "engine: ") for found in re.findall(r"`([^`]+)`", text)]


@pytest.mark.parametrize("number", range(len(REFUSED)))
def test_every_cure_that_is_offered_cures(tmp_path: Path, number: int) -> None:
    data = REFUSED[number]
    told = [item for item in checked(tmp_path, data).findings if item.id == "GEN310"]
    assert len(told) == 1
    offered = cures(told[0].help)
    assert offered or "no change" in told[0].help
    assert told[0].help.startswith("this fits:") == (len(offered) == 1)
    for change in offered:
        changed = yaml.safe_load(yaml.safe_dump(data))
        placement = changed["models"]["m"]["placements"]["p"]
        if "gpu" in change:
            changed["clusters"]["here"]["pools"]["gpu"] |= change
        elif "engine" in change:
            placement["engine"] = {"args": change["engine"]}
        else:
            placement |= change
        found = checked(tmp_path, changed).findings
        left = [item.id for item in found if item.id in {"GEN310", "GEN311"} or item.severity is Severity.ERROR]
        assert not left, change


def test_the_budget_stands_in_the_finding_and_adds_up(tmp_path: Path) -> None:
    [told] = [item for item in checked(tmp_path, REFUSED[0]).findings if item.id == "GEN310"]
    *terms, left = [float(found) for found in re.findall(r"^ *(-?[0-9.]+) GiB", told.cause, re.MULTILINE)]
    assert len(terms) == 5
    assert sum(terms) == pytest.approx(left, abs=0.03)


def test_too_many_requests_are_mended_by_fewer(tmp_path: Path) -> None:
    [told] = [item for item in checked(tmp_path, REFUSED[4]).findings if item.id == "GEN310"]
    assert "`concurrency: 500`" in told.help


def test_ollama_without_flash_attention_keeps_its_cache_in_16_bit() -> None:
    args = {"kv-cache-type": "q8_0"}
    assert OLLAMA.arguments.asked(args) == {"kv_dtype": "q8_0"}
    assert OLLAMA.arguments.asked({**args, "flash-attention": False}) == {}


def test_more_requests_than_a_step_would_hold_make_it_larger_for_images_too(tmp_path: Path) -> None:
    data = spec({"gpu": "l40s"}, source=source("google/gemma-3-4b-it"), context=8192, concurrency=4096)
    assert option(placed(tmp_path, data), "--max-num-batched-tokens") == "4096"


@pytest.mark.parametrize(
    ("args", "said"),
    [({"enable-lora": True}, "`enable-lora`"), ({"hf-overrides": '{"num_hidden_layers": 2}'}, "`hf-overrides`")],
)
def test_what_the_budget_leaves_out_is_said(tmp_path: Path, args: dict[str, Any], said: str) -> None:
    engine = {"name": "vllm", "args": args}
    plan = placed(tmp_path, spec({"gpu": "l40s"}, source=source("Qwen/Qwen3-8B"), context=8192, engine=engine))
    assert said in next(item for item in plan.decisions if item.field == "memory").why


def budgeted(folder: Path, model: str, gpu: str, **args: Any) -> Any:
    """What is decided of memory, context and type, by name."""
    engine = {"name": "vllm", "args": args}
    data = spec({"gpu": gpu}, source=source(model), context=4096, concurrency=1, engine=engine)
    return {item.field: item for item in placed(folder, data).decisions}


def test_thirty_two_bit_takes_twice_the_memory(tmp_path: Path) -> None:
    sixteen = budgeted(tmp_path, "Qwen/Qwen3-4B", "l40s")
    wide = budgeted(tmp_path, "Qwen/Qwen3-4B", "l40s", dtype="float32")
    assert "dtype" not in sixteen
    assert (wide["dtype"].value, wide["dtype"].why) == ("float32", "given")
    taken = [float(found["memory"].why.split(" - ")[1].split()[0]) for found in (sixteen, wide)]
    assert taken[1] == pytest.approx(2 * taken[0], rel=0.01)
    # What GPUs reach in it is not known.
    assert "speed" in sixteen
    assert "speed" not in wide


@pytest.mark.parametrize(
    ("gpu", "dtype"), [("t4", "float32"), ("rtx-2080-ti", "float32"), ("l4", None), ("a10g", None)]
)
def test_a_model_that_bears_no_float16_takes_float32_where_there_is_no_bfloat16(
    tmp_path: Path, gpu: str, dtype: str | None
) -> None:
    found = budgeted(tmp_path, "google/gemma-3-1b-it", gpu)
    assert (found["dtype"].value if "dtype" in found else None) == dtype


def test_a_context_by_scaled_positions_is_sized_and_told(tmp_path: Path) -> None:
    scaling = '{"rope_parameters": {"rope_type": "yarn", "factor": 4.0, "original_max_position_embeddings": 32768}}'
    engine = {"name": "vllm", "version": "0.29.0", "args": {"hf-overrides": scaling}}
    data = spec({"gpu": "h100-sxm"}, source=source("Qwen/Qwen3-8B"), context=131072, engine=engine)
    decided = {item.field: item for item in placed(tmp_path, data).decisions}
    assert decided["longestContext"].value == "131072"
    assert decided["memory"].value.endswith("sequences of 131072 tokens fit at once")


def test_memory_of_the_host_counts_its_parts() -> None:
    assert host.memory_gib(1, 2.0, 0.0, {})[0] == 7  # 2 + 3 + 2
    assert host.memory_gib(8, 18.0, 0.0, {})[0] == 44  # 2 + 24 + 18
    assert host.memory_gib(1, 0.0, 4.5, {})[0] == 10  # 2 + 3 + 4.5
    assert [host.shm_gib(ranks)[0] for ranks in (1, 2, 8)] == [2, 6, 18]


def test_on_cpus_weights_and_contexts_are_in_the_memory_of_the_host() -> None:
    model = reader.model("ollama:qwen3:8b")
    assert model
    assert model.architecture
    size, _ = host.cpu_memory_gib("ollama", model, 16384, 2)
    # 36 layers x 2 x 8 heads x 128 x 2 bytes x 16,384 tokens = 2.25 GiB a context
    assert size == pytest.approx(4.84 + 2 * 2.25 + 1, abs=1)


def test_a_cache_holds_weights_only_where_they_are_fetched() -> None:
    assert host.cache_gib(9.44, downloads=True)[0] == 30
    assert host.cache_gib(9.44, downloads=False)[0] == 10
    assert host.cache_gib(0, downloads=True)[0] == 200
    assert host.cache_gib(4.84, downloads=True, compiles=False)[0] == 10


@pytest.mark.parametrize(
    ("changes", "tokens"),
    [
        ({}, 2048),
        # A server of embeddings reads a prompt whole, and refuses to start where the longest does not fit into a step.
        ({"task": "embed"}, 16384),
        ({"engine": {"name": "vllm", "args": {"enable-chunked-prefill": False}}}, 16384),
        ({"context": 512, "concurrency": 2}, 1024),
        ({"concurrency": 4000, "context": 1024}, 4000),
    ],
)
def test_a_step_is_one_that_the_engine_takes(tmp_path: Path, changes: dict[str, Any], tokens: int) -> None:
    data = spec({"gpu": "l4"}, source=source("Qwen/Qwen3-0.6B"), **{"context": 16384, "concurrency": 8, **changes})
    assert option(placed(tmp_path, data), "--max-num-batched-tokens") == str(tokens)


def test_a_server_of_embeddings_has_no_answers_to_wait_for(tmp_path: Path) -> None:
    plan = placed(tmp_path, spec({"gpu": "l4"}, source=source("Qwen/Qwen3-Embedding-0.6B"), task="embed"))
    told = {item.field: item.why for item in plan.decisions}
    assert "speed" not in told
    assert "no route leads here" in told["shutdown"]


def test_the_engine_itself_chooses_the_step_for_images(tmp_path: Path) -> None:
    data = spec({"gpu": "l40s"}, source=source("google/gemma-3-12b-it"), context=8192)
    assert "--max-num-batched-tokens" not in placed(tmp_path, data).workload.main.args


def test_a_speed_is_estimated_once_for_the_placements_that_share_it(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []

    def counted(*asked: Any) -> Any:
        calls.append(asked)
        return estimated(*asked)

    estimated = throughput._speed
    monkeypatch.setattr(throughput, "_speed", counted)
    model, card = reader.model("Qwen/Qwen3-8B"), reader.gpu("l40s")
    assert model
    assert card
    question = Question.about(model, card, context=4096, concurrency=2)
    shared = Sized(question, budget(question), Verdict("fits", "", ""), {})
    assert shared.alone(2000, 100) is shared.alone(2000, 100)
    # One request runs at once, whatever room the cache has.
    assert len(calls) == 1


@pytest.mark.parametrize(("resources", "offered"), [({}, False), ({"resources": {"memory": "64Gi"}}, True)])
def test_less_memory_is_offered_only_where_it_was_written(
    tmp_path: Path, resources: dict[str, Any], *, offered: bool
) -> None:
    """What Ollama computes on the CPU needs its memory: with a limit below it the server would be killed."""
    data = spec({"gpu": "t4"}, platform="eks", source={"ollama": "llama3.3:70b"}, context=8192, **resources)
    data["clusters"]["here"] |= {"region": "us-east-1", "cluster": {"existing": "platform"}, "storageClass": "gp3"}
    data["models"]["m"]["engine"] = {"name": "ollama"}
    [told] = [item for item in checked(tmp_path, data).findings if item.id == "GEN314"]
    assert ("resources" in told.help) is offered
    assert told.cause.startswith("a replica asks for ")
