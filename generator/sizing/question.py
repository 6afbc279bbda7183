"""What is asked of the model of memory and speed: one model on one kind of GPU, run in one way."""

from typing import Protocol

from generator.catalog.architecture import Architecture
from generator.catalog.facts import GpuFacts, ModelFacts
from generator.core.frozen import frozen
from generator.core.lazy import lazy, load
from generator.sizing.releases import NEWEST, Release
from generator.sizing.servers import DEFAULT, SERVERS


class Defaults(Protocol):
    """What an engine takes by itself, where a question leaves it open."""

    def number(self, question: "Question") -> int:
        """Bytes of a number that is not quantised: the type that is asked for, or the one that the GPU bears."""
        ...

    def understood(self, version: str) -> tuple[Release, str] | None:
        """The release that a version means, and what was assumed; none where nothing depends on it."""
        ...

    def share(self, question: "Question") -> float:
        """The share of the GPU's memory."""
        ...

    def batch(self, question: "Question") -> tuple[int, int]:
        """Tokens and sequences of one step at most."""
        ...


@frozen
class Question:
    """One configuration of a server.

    `checkpoint_gib` is the size of the files of all weights in the format `stored`, 0 where unknown. What is left at
    its default is what the engine takes by itself: `quantization` the stored one, `context` the model's longest,
    `utilization`, `max_num_seqs` and `max_num_batched_tokens` the release's, `engine_version` the newest. Without
    `chunked_prefill` no prompt is read in parts. `text_only` serves a multimodal model without its encoder. Experts are
    shared by `dp` replicas under `expert_parallel`.
    `family` is the model's `model_type`, and `dtype` the type to compute in.
    `assumed` says in sentences what was read into a name or a version that is not exact.
    """

    architecture: Architecture
    checkpoint_gib: float
    stored: str
    gpu: GpuFacts
    tp: int = 1
    pp: int = 1
    dp: int = 1
    expert_parallel: bool = False
    context: int = 0
    concurrency: int = 1
    quantization: str = ""
    kv_dtype: str = "auto"
    utilization: float = 0.0
    engine: str = DEFAULT
    engine_version: str = ""
    max_num_seqs: int = 0
    max_num_batched_tokens: int = 0
    enforce_eager: bool = False
    prefix_caching: bool = True
    chunked_prefill: bool = True
    text_only: bool = False
    family: str = ""
    dtype: str = ""
    assumed: tuple[str, ...] = ()

    @classmethod
    def about(cls, model: ModelFacts, gpu: GpuFacts, **asked: object) -> "Question":
        """A question about a model of the catalogue."""
        given: dict[str, object] = {"family": model.model_type, **asked}
        return cls(model.architecture, model.weights_gib, model.quantization, gpu, **given)  # type: ignore[arg-type]

    @lazy
    def defaults(self) -> Defaults:
        """What the engine takes by itself."""
        defaults: Defaults = load(SERVERS[self.engine])
        return defaults

    @lazy
    def release(self) -> Release:
        """The engine's version as numbers that compare; the newest known where none is given."""
        understood = self.defaults.understood(self.engine_version)
        return understood[0] if understood else NEWEST

    @lazy
    def length(self) -> int:
        """The longest sequence the server takes, in tokens."""
        return self.context or self.architecture.max_context

    @lazy
    def format(self) -> str:
        """How the weights stand in the GPU's memory."""
        return self.quantization or self.stored or "none"

    @lazy
    def number(self) -> int:
        """Bytes of a weight, an activation or a cached number that is not quantised."""
        return self.defaults.number(self)

    @lazy
    def share(self) -> float:
        """The share of the GPU's memory that the engine may take."""
        return self.utilization or self.defaults.share(self)

    @lazy
    def seqs(self) -> int:
        """Sequences of one step at most."""
        return self.max_num_seqs or self.defaults.batch(self)[1]

    @lazy
    def batched_tokens(self) -> int:
        """Tokens of one step at most; never fewer than the sequences."""
        asked = self.max_num_batched_tokens or self.defaults.batch(self)[0]
        return max(asked, self.seqs)
