"""What `gen size` and `gen compare` are asked: options become a question, and names that nobody knows a usage error."""

import re
from collections.abc import Callable, Collection, Iterable
from pathlib import Path
from typing import Any, TypeVar

import click

from generator.catalog import makers, names, reader
from generator.catalog.facts import GpuFacts, ModelFacts
from generator.clouds.instances import regions
from generator.core.errors import UsageError
from generator.core.words import did_you_mean, nearest
from generator.sizing import formats
from generator.sizing.cost import Market
from generator.sizing.kv import DTYPE_BYTES, MLA_PACKED
from generator.sizing.question import Question
from generator.sizing.servers import DEFAULT, SERVERS
from generator.sizing.servers.protocol import server
from generator.sizing.throughput import LONGEST_DEFAULT_ANSWER, Load, default_load
from generator.sizing.weights import BODY_BYTES, GGUF_BYTES

Verb = TypeVar("Verb", bound=Callable[..., Any])

KV_DTYPES = (*DTYPE_BYTES, *MLA_PACKED)
_NEAR = 3
_VERSION = re.compile(r"v?\d+\.\d+(\.\d+)?\S*|latest")
_COUNT = click.IntRange(min=1)


def model_and_gpu_options(verb: Verb) -> Verb:
    """`--model` and `--gpu`."""
    gpu = click.option("--gpu", metavar="NAME", shell_complete=_complete_gpu, help="GPU by any of its usual names.")
    model = click.option(
        "--model",
        required=True,
        metavar="ID",
        shell_complete=_complete_model,
        help="Hugging Face id of the catalogue, or the path of a config.json.",
    )
    return model(gpu(verb))


def load_options(verb: Verb) -> Verb:
    """What the users of the server ask of it."""
    options = (
        click.option(
            "--context", type=_COUNT, metavar="L", help="Tokens of the longest request.  [default: the model's]"
        ),
        click.option("--concurrency", type=_COUNT, metavar="N", help="Requests in flight at once."),
        click.option("--input-len", type=_COUNT, metavar="N", help="Tokens of a prompt."),
        click.option(
            "--output-len",
            type=_COUNT,
            metavar="N",
            help="Tokens of an answer. Without both lengths, intervals of the speed hold many mixes.",
        ),
    )
    for option in reversed(options):
        verb = option(verb)
    return verb


def server_options(verb: Verb) -> Verb:
    """How the server is run."""
    options = (
        click.option("--tp", type=_COUNT, default=1, show_default=True, help="GPUs that split each layer."),
        click.option("--pp", type=_COUNT, default=1, show_default=True, help="Stages of a pipeline."),
        click.option("--dp", type=_COUNT, default=1, show_default=True, help="Replicas behind one address."),
        click.option("--expert-parallel", is_flag=True, help="Replicas share the experts."),
        click.option("--quantization", metavar="Q", help="Format of the weights.  [default: the stored one]"),
        click.option("--kv-dtype", metavar="D", default="auto", show_default=True, help="Format of the cache."),
        click.option(
            "--utilization",
            type=click.FloatRange(0, 1, min_open=True),
            metavar="U",
            help="Share of the GPU's memory.  [default: the engine's]",
        ),
        click.option("--engine", type=click.Choice(tuple(SERVERS)), default=DEFAULT, show_default=True, help="Engine."),
        click.option("--engine-version", metavar="V", default="", help="Its version.  [default: the newest known]"),
        click.option("--max-num-seqs", type=_COUNT, metavar="N", help="Sequences of a step.  [default: the engine's]"),
        click.option(
            "--max-num-batched-tokens", type=_COUNT, metavar="N", help="Tokens of a step.  [default: the engine's]"
        ),
        click.option("--enforce-eager", is_flag=True, help="Without CUDA graphs."),
    )
    for option in reversed(options):
        verb = option(verb)
    return verb


def question(model: ModelFacts, gpu: GpuFacts, **asked: Any) -> Question:
    """The question that the options ask; None stands for what was not written.

    Raises:
        UsageError: a format, a cache format or a version that does not exist.
    """
    asked = {key: value for key, value in asked.items() if value is not None}
    quantization, stored_as = _format_for(model, format_of(asked.get("quantization", "")))
    _known(asked.get("kv_dtype", "auto"), KV_DTYPES, "cache format")
    taken = [model.notes if model.id not in reader.models() and model.base else "", stored_as, _release(asked)]
    assumed = tuple(filter(None, taken))
    return Question.about(model, gpu, **{**asked, "quantization": quantization, "assumed": assumed})


def market_options(verb: Verb) -> Verb:
    """Where the machines may be rented whose prices count."""
    cloud = click.option("--cloud", type=click.Choice(reader.clouds()), help="Cloud to price on.  [default: cheapest]")
    region = click.option("--region", metavar="NAME", help="Region to price in.  [default: cheapest]")
    return cloud(region(verb))


def market_of(cloud: str | None, region: str | None) -> Market:
    """The market that the options name.

    Raises:
        UsageError: the catalogue knows no machines in that region, or none of that cloud.
    """
    market = Market(cloud or "", region or "")
    known = sorted(frozenset().union(*(regions(name) for name in market.clouds)))
    if region and region not in known:
        place = f"{cloud} has" if cloud else "the catalogue has"
        near = did_you_mean(region, known) or f"there are: {', '.join(known)}"
        raise UsageError(f"{place} no region {region!r} with GPU machines", help=near)
    return market


def _format_for(model: ModelFacts, word: str) -> tuple[str, str]:
    """The format asked for, and what was assumed: no engine undoes a quantisation because 16 bit was asked for."""
    if word != "none" or model.quantization in ("", "none"):
        return word, ""
    return "", f"{model.id} is stored as {model.quantization}: 16 bit is what it computes in, not what it stores"


def _release(asked: dict[str, Any]) -> str:
    """What is assumed of the engine's version."""
    version = asked.get("engine_version", "")
    understood = server(asked.get("engine", DEFAULT)).understood(version)
    if version and not (understood or _VERSION.fullmatch(version)):
        raise UsageError(f"{version!r} is no version", help="write it as the engine does: 0.33.0")
    return understood[1] if understood else ""


def load_of(question: Question, prompt: int | None, answer: int | None, concurrency: int | None) -> Load:
    """The load that the options describe.

    Raises:
        UsageError: prompt and answer do not fit in the context.
    """
    length = question.length
    default = default_load(length, concurrency or 0)
    if prompt is None and answer is None:
        return default
    longest = min(LONGEST_DEFAULT_ANSWER, max(length - (prompt or 0), 1))
    asked = Load(prompt or max(length - (answer or 0), 1), answer or longest, concurrency or 0)
    if asked.prompt + asked.answer > max(length, 2):
        raise UsageError(
            f"{asked.prompt:.0f} tokens of prompt and {asked.answer:.0f} of answer are more than the context of "
            f"{length}",
            help=f"write --context {asked.prompt + asked.answer:.0f} or shorten one of them",
        )
    return asked


def format_of(word: str) -> str:
    """The catalogue's word for a format of weights, empty for the stored one.

    Raises:
        UsageError: there is no such format.
    """
    format = formats.named(word)
    if format is None:
        _known(
            word, [*BODY_BYTES, *sorted(formats.PLAIN), *(f"gguf:{quant}" for quant in GGUF_BYTES)], "format of weights"
        )
    return format or ""


def model_of(name: str) -> ModelFacts:
    """A model of the catalogue, or one read from a `config.json`.

    Raises:
        UsageError: the catalogue does not know it, it knows too little of it, or the file cannot be read.
    """
    if name.endswith(".json") or Path(name).is_file():
        return _from_config(Path(name))
    ids = names.model(name, reader.models())
    model = reader.models()[ids[0]] if len(ids) == 1 else None if ids else reader.like(name)
    if model is None:
        raise UsageError(
            f"the catalogue has no model {name!r}", help=_hint(ids or names.near(name, reader.models()), "model")
        )
    if model.architecture is None:
        raise UsageError(
            f"too little is known of {model.id}: {model.notes or 'its dimensions are not published'}",
            help="name the path of its config.json instead",
        )
    return model


def gpu_of(name: str) -> GpuFacts:
    """A GPU of the catalogue.

    Raises:
        UsageError: the catalogue does not know it, or the name fits more than one.
    """
    ids = reader.gpus_called(name)
    if len(ids) == 1:
        return reader.gpus()[ids[0]]
    if ids:
        raise UsageError(f"{name!r} names more than one GPU", help=f"write one of {', '.join(ids)}")
    if reason := names.not_one_gpu(name):
        raise UsageError(f"{name!r} is not one GPU", help=reason)
    near, maker = makers.near_gpus(name, reader.gpus()), makers.maker(name)
    if maker and not near:
        raise UsageError(f"the catalogue has no GPU {name!r}", help=f"it is made by {maker}; gen sizes NVIDIA's GPUs")
    raise UsageError(f"the catalogue has no GPU {name!r}", help=_hint(near, "gpu"))


def _from_config(path: Path) -> ModelFacts:
    from generator.load.configs import read_config
    from generator.load.settings import Unread
    from generator.resolve.placements.facts import from_config

    held = read_config(path)
    if isinstance(held, Unread):
        raise UsageError(f"{path} cannot be read: {held.reason}", help=held.cure or "check the path")
    facts = from_config(str(path), held)
    if not isinstance(facts, ModelFacts):
        raise UsageError(f"{path}: {facts.reason}", help="name the config.json of a text model as Hugging Face has it")
    return facts


def _hint(near: Iterable[str], kind: str) -> str:
    words = " or ".join(f"`{name}`" for name in near)
    listed = f"`gen catalog list {kind}s` prints what there is"
    return f"did you mean {words}? {listed}" if words else listed


def _known(word: str, known: Collection[str], what: str) -> None:
    if word in known:
        return
    near = nearest(word, known, _NEAR)
    hint = f"did you mean {' or '.join(f'`{name}`' for name in near)}? " if near else ""
    raise UsageError(f"there is no {what} {word!r}", help=f"{hint}there are: {', '.join(known)}")


def _complete_model(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in reader.models() if name.lower().startswith(incomplete.lower())]


def _complete_gpu(ctx: click.Context, param: click.Parameter, incomplete: str) -> list[str]:
    return [name for name in reader.gpus() if name.startswith(incomplete.lower())]
