"""A replica held against the memory and speed of its GPUs: what is left open is chosen here, each with its why."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from generator.catalog.facts import GpuFacts, ModelFacts
from generator.core.frozen import frozen
from generator.core.lazy import lazy
from generator.core.tasks import generates
from generator.core.words import counted
from generator.resolve.placements.described import Described
from generator.resolve.placements.settings import Settings
from generator.sizing import verdict
from generator.sizing.budget import Budget, budget
from generator.sizing.question import Question
from generator.sizing.servers.protocol import Server
from generator.sizing.speed import Machine
from generator.sizing.throughput import Load, Speed, default_load, speed_on
from generator.sizing.verdict import Verdict

LONGEST_DEFAULT_CONTEXT = 32768
"""Tokens. Longer requests are rare, and a longer limit makes a card hold fewer sequences at their worst."""
SHORTEST_DEFAULT_CONTEXT = 4096
"""Tokens. With fewer a chat is of little use, though several sequences of them would fit at once."""
FULL_SEQUENCES = 4
"""Sequences of the full length that a context which nobody wrote leaves room for; few requests are as long at once."""
SMALLEST_STEP = 2048
"""Tokens of a step below which long prompts take too many of them."""
CONTEXT_STEP = 1024
SEQUENCE_STEPS = {16: 1, 64: 4, 1024: 8}
"""In which steps sequences are counted, up to how many of them."""
AS_STORED = frozenset({"", "none", "gguf", "compressed-tensors"})
"""Words that leave the exact format to the files."""


@frozen
class Asked:
    """What placements fix; 0 and empty for what they leave open.

    `arguments` are the fields of a question that arguments of the engine set; `desktop`: a screen may share the GPU, of
    which `reserved_gib` are others'.
    """

    model: ModelFacts
    gpu: GpuFacts
    tp: int
    context: int
    concurrency: int
    quantization: str
    engine: str
    version: str
    desktop: bool
    reserved_gib: float
    arguments: tuple[tuple[str, Any], ...]


@frozen
class Sized:
    """A replica's server with nothing left open, and what memory and speed it comes to.

    `whys` are by the names of the question's fields, for those that were chosen here.
    """

    question: Question
    budget: Budget
    verdict: Verdict
    whys: Mapping[str, str]

    @lazy
    def load(self) -> Load:
        """Requests as `gen size` supposes them for this context, as many at once as the server runs."""
        usual = default_load(self.question.length, self.at_once)
        return Load(usual.prompt, usual.answer, usual.concurrency)

    @lazy
    def at_once(self) -> int:
        """Requests that one replica works on at once."""
        return self.question.concurrency

    @lazy
    def loaded(self) -> Speed | None:
        """The speed under that load; none where it cannot be estimated."""
        return self._speed(self.load)

    def alone(self, prompt: float, answer: float) -> Speed | None:
        """The speed for one request on an idle server; none where it cannot be estimated."""
        if (prompt, answer) not in self._asked_alone:
            self._asked_alone[prompt, answer] = self._speed(Load(prompt, answer, 1))
        return self._asked_alone[prompt, answer]

    @lazy
    def _asked_alone(self) -> dict[tuple[float, float], Speed | None]:
        return {}

    def _speed(self, load: Load) -> Speed | None:
        # Layers on the CPU set the pace, and the catalogue knows no CPUs.
        if self.verdict.constraint == "layers":
            return None
        return speed_on(self._machine, self.budget.kv_available, load)

    @lazy
    def _machine(self) -> Machine:
        return Machine(self.question)


class Sizes:
    """The servers of one run: those for which the same is asked are one."""

    def __init__(self) -> None:
        self._known: dict[Asked, Sized] = {}

    def of(self, described: Described) -> Sized | str:
        """A replica's server, or the reason why it cannot be judged."""
        if described.card is None:
            return f"the catalogue does not know the GPU {described.gpu}" if described.gpu else "it runs on CPUs"
        if described.model is None or described.model.architecture is None:
            return "the catalogue does not know the model's dimensions"
        if described.server is None:
            return f"nothing is known of the memory and speed of {described.engine.title}"
        if unclear := _unclear(described.settings, described.model, described.server):
            return unclear
        asked = _asked(described, described.model, described.card, described.server)
        if asked not in self._known:
            self._known[asked] = _sized(asked, described.server)
        return self._known[asked]


def _unclear(settings: Settings, model: ModelFacts, server: Server) -> str:
    """Why there is no budget of what is known; the checks that stop the placement have their own findings."""
    if unknown := server.unmodelled(settings.args):
        return f"what `{unknown}` does to the memory of a GPU is not modelled"
    if server.splits_heads and model.attention_heads % settings.tensor_parallel:
        return f"{model.attention_heads} heads cannot be split over {settings.tensor_parallel} GPUs"
    if 0 < model.max_context < settings.context:
        return f"the model was made for {model.max_context} tokens"
    return ""


def _asked(described: Described, model: ModelFacts, card: GpuFacts, server: Server) -> Asked:
    """What placements fix. A server of embeddings reads each prompt whole."""
    settings = described.settings
    arguments = server.arguments.asked(settings.args)
    if not generates(described.task):
        arguments["chunked_prefill"] = False
    return Asked(
        model,
        card,
        settings.tensor_parallel,
        settings.context,
        settings.concurrency,
        settings.quantization,
        settings.engine,
        described.version,
        described.desktop,
        described.reserved_gib,
        tuple(arguments.items()),
    )


def _sized(asked: Asked, server: Server) -> Sized:
    question, whys = _open(asked, server)
    if not asked.context:
        question, whys["context"] = _with_context(question, asked)
    if not asked.concurrency:
        question, whys["concurrency"] = _with_concurrency(question, server)
        question = replace(question, max_num_seqs=question.concurrency)
    if not question.max_num_batched_tokens and (step := server.chosen_step(question)):
        tokens, whys["max_num_batched_tokens"] = step
        question = replace(question, max_num_batched_tokens=tokens)
    sized = _judged(question, whys)
    return _with_smaller_steps(sized) if "max_num_batched_tokens" in whys and question.chunked_prefill else sized


def _judged(question: Question, whys: Mapping[str, str]) -> Sized:
    memory = budget(question)
    return Sized(question, memory, verdict.judge(question, memory), whys)


def _open(asked: Asked, server: Server) -> tuple[Question, dict[str, str]]:
    """The question with what is written, and the share of memory, which needs no budget."""
    given: dict[str, Any] = dict(asked.arguments)
    question = Question.about(
        asked.model,
        asked.gpu,
        **{
            "tp": asked.tp,
            "context": asked.context,
            "concurrency": asked.concurrency or 1,
            "quantization": asked.quantization if _made(asked) else "",
            "engine": asked.engine,
            "engine_version": asked.version,
            "max_num_seqs": asked.concurrency,
            **given,
        },
    )
    whys: dict[str, str] = {}
    if not question.utilization and (
        chosen := server.chosen_share(question, desktop=asked.desktop, reserved_gib=asked.reserved_gib)
    ):
        share, whys["utilization"] = chosen
        question = replace(question, utilization=share)
    return question, whys


def _made(asked: Asked) -> bool:
    """Whether the engine makes the weights smaller while it loads them; else they take what they are stored in."""
    return asked.model.quantization == "none" and asked.quantization not in AS_STORED


def _with_context(question: Question, asked: Asked) -> tuple[Question, str]:
    """The longest context of which several sequences fit at once."""
    limit = question.architecture.max_context
    wanted = min(limit or LONGEST_DEFAULT_CONTEXT, LONGEST_DEFAULT_CONTEXT)
    memory = budget(replace(question, context=wanted))
    sequences = min(asked.concurrency or FULL_SEQUENCES, FULL_SEQUENCES)
    fits = memory.layout.longest(max(memory.kv_available.low, 0.0) / sequences, wanted)
    context = fits if fits == wanted else fits // CONTEXT_STEP * CONTEXT_STEP
    least = min(wanted, SHORTEST_DEFAULT_CONTEXT)
    if context < least:
        return replace(
            question, context=least
        ), f"the least for a chat; for {counted(sequences, 'sequence')} of it there is no room"
    fit = "fits" if sequences == 1 else "fit"
    what = f"{sequences} of {context} tokens {fit} in the {memory.kv_available.low:.1f} GiB that are left at least"
    bound = " (the model's own limit)" if context == limit else ""
    return replace(question, context=context), f"{what}{bound}"


def _with_concurrency(question: Question, server: Server) -> tuple[Question, str]:
    """As many requests as the cache holds at the lengths that they mostly have."""
    if server.slots:
        return _with_slots(question, server.slots)
    most = server.most_sequences(question)
    memory = budget(replace(question, max_num_seqs=min(most, 256)))
    load = default_load(question.length, 0)
    length = max(int(load.prompt + load.answer / 2), 1)
    room = max(memory.kv_available.low, 0.0)
    fit = int(memory.layout.concurrency(room, length))
    count = _rounded(max(1, min(fit, most)))
    why = (
        f"{room:.1f} GiB that are left at least hold {counted(fit, 'request')} of {load.prompt:.0f} + "
        f"{load.answer:.0f} tokens, half answered, and {memory.max_concurrency.low:.1f} of the full length"
    )
    return replace(question, concurrency=count), why


def _rounded(count: int) -> int:
    """Down to a round number."""
    step = next(step for most, step in SEQUENCE_STEPS.items() if count <= most)
    return count // step * step


def _with_slots(question: Question, most: int) -> tuple[Question, str]:
    memory = budget(question)
    slot = memory.layout.blocks_for(question.length) * memory.layout.block_bytes / 1024**3
    room = max(memory.kv_available.low, 0.0)
    count = max(1, min(int(room / slot), most))
    why = f"each takes {slot:.2f} GiB for its context from the start, of the {room:.1f} GiB that are left at least"
    return replace(question, concurrency=count), f"{why}; {most} at most unless written"


def _with_smaller_steps(sized: Sized) -> Sized:
    """Smaller steps where the default's activations leave the cache too little."""
    tokens = sized.question.batched_tokens
    while sized.verdict.kind != verdict.FITS and tokens // 2 >= max(SMALLEST_STEP, sized.question.seqs):
        tokens //= 2
        why = f"larger steps leave too little for the cache: {sized.budget.kv_available.value:.1f} GiB"
        whys = {**sized.whys, "max_num_batched_tokens": why}
        smaller = _judged(replace(sized.question, max_num_batched_tokens=tokens), whys)
        if smaller.budget.kv_available.value <= sized.budget.kv_available.value:
            break
        sized = smaller
    return sized
