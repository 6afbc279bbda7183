"""The cache of keys and values on one GPU: bytes of a token, blocks of a sequence, and what a pool of blocks holds."""

from bisect import bisect_right
from collections.abc import Mapping
from math import ceil

from generator.core.frozen import frozen
from generator.sizing.question import Question

DTYPE_BYTES: Mapping[str, float] = {
    "auto": 2.0,
    "bf16": 2.0,
    "fp16": 2.0,
    "bfloat16": 2.0,
    "float16": 2.0,
    "fp8": 1.0,
    "fp8_e4m3": 1.0,
    "fp8_e5m2": 1.0,
    "fp8_inc": 1.0,
    "nvfp4": 0.5625,
    "f16": 2.0,
    "q8_0": 1.0625,
    "q4_0": 0.5625,
}
"""Bytes of one number of the cache by the engine's word; an unknown word counts as 16 bit."""
MLA_PACKED: Mapping[str, int] = {"fp8_ds_mla": 656, "nvfp4_ds_mla": 352}
"""Bytes of a token and layer in the packed forms of the MLA cache."""
BLOCK = 16
MLA_BLOCK = 64
INDEX_SCALE = 4
"""Bytes of the scale beside an indexer's 8-bit key."""


@frozen
class Paging:
    """How an engine pages its cache.

    `windows`: window layers keep no more than their window, and what is `in_flight` in tokens. `state_blocks` are those
    of a sequence's recurrent state in each linear group, 0 where states have no part in the pool. `by_concurrency`:
    where layers differ, the size in tokens that is printed is that of the sequences of the full length that fit.
    """

    windows: bool = False
    in_flight: int = 0
    state_blocks: int = 0
    by_concurrency: bool = True


@frozen
class Group:
    """Layers that share block tables: `tables` groups of a `kind`, which is `full`, `window` or `linear`."""

    kind: str
    tables: int
    block_tokens: int


@frozen
class Layout:
    """How an engine lays the cache out on one rank. One block id costs `block_bytes` over all layers of a group."""

    groups: tuple[Group, ...]
    block_bytes: float
    window: int
    paging: Paging

    def blocks_for(self, length: int) -> int:
        """Blocks of one sequence of a length in tokens."""
        return sum(group.tables * self._group_blocks(group, length) for group in self.groups)

    def _group_blocks(self, group: Group, length: int) -> int:
        if group.kind == "linear":
            return self.paging.state_blocks
        if group.kind == "window":
            kept = min(self.window - 1 + self.paging.in_flight, length)
            return min(ceil(kept / group.block_tokens) + 1, ceil(length / group.block_tokens) + 1)
        return ceil(length / group.block_tokens)

    def blocks(self, gib: float) -> int:
        """Blocks that a pool of so many GiB holds."""
        return max(0, int(gib * 1024**3 // self.block_bytes))

    def concurrency(self, gib: float, length: int) -> float:
        """Sequences of a full length that a pool holds at once."""
        return self.blocks(gib) / self.blocks_for(length)

    def tokens(self, gib: float, length: int) -> int:
        """The size of the cache in tokens, as the engine prints it."""
        return self.printed_tokens(self.blocks(gib), length, self.blocks_for(length))

    def printed_tokens(self, blocks: int, length: int, each: int) -> int:
        """The same of a pool of so many blocks, of which a sequence of the length takes `each`."""
        if self._plain:
            return blocks * self.groups[0].block_tokens
        if self.paging.by_concurrency:
            return int(blocks / each * length)
        tables = sum(group.tables for group in self.groups)
        return blocks // tables * min(group.block_tokens for group in self.groups)

    def has(self, kind: str) -> bool:
        """Whether there is a group of this kind."""
        return any(group.kind == kind for group in self.groups)

    @property
    def _plain(self) -> bool:
        return len(self.groups) == 1 and self.groups[0].kind == "full"

    def longest(self, gib: float, limit: int) -> int:
        """The longest sequence, up to a limit, that a pool holds alone."""
        blocks = self.blocks(gib)
        if self._plain:
            return min(blocks * self.groups[0].block_tokens, limit)
        if self.blocks_for(limit) <= blocks:
            return limit
        return self._longest_of(blocks, limit)

    def _longest_of(self, blocks: int, limit: int) -> int:
        """Once windows are full only full layers grow, in steps of their blocks; shorter sequences are searched for."""
        full = next((group for group in self.groups if group.kind == "full"), None)
        if full:
            constant = self.blocks_for(limit) - full.tables * ceil(limit / full.block_tokens)
            length = (blocks - constant) // full.tables * full.block_tokens
            if self.window + self.paging.in_flight <= length < limit and self.blocks_for(length) <= blocks:
                return length
        return max(0, bisect_right(range(limit + 1), blocks, lo=1, key=self.blocks_for) - 1)


def kv_heads(total: int, tp: int) -> int:
    """Heads of keys and values on one rank: at least one, so that they are repeated where ranks outnumber them."""
    return max(1, total // tp)


def token_bytes(question: Question) -> tuple[float, float]:
    """Bytes of one token in one full layer and in one window layer, on one rank."""
    model = question.architecture
    size = question.number if question.kv_dtype == "auto" else DTYPE_BYTES.get(question.kv_dtype, 2.0)
    index = model.index_dim + INDEX_SCALE if model.index_dim else 0
    if model.attention == "mla":
        latent = (model.kv_lora_rank + model.rope_dim) * size
        return MLA_PACKED.get(question.kv_dtype, latent) + index, 0.0
    value = model.value_dim or model.head_dim
    full = kv_heads(model.kv_heads, question.tp) * (model.head_dim + value) * size + index
    if not model.window_layers:
        return full, 0.0
    if not (model.window_head_dim or model.window_kv_heads):
        return full, full
    side = model.window_head_dim or model.head_dim
    return full, kv_heads(model.window_kv_heads or model.kv_heads, question.tp) * 2 * side * size


def bytes_per_token(question: Question, layout: Layout) -> float:
    """Bytes by which one more token of a long sequence grows the cache of one rank: windows are full by then."""
    counts = layers_of_rank(question)
    full, window = token_bytes(question)
    return counts["full"] * full + (0.0 if layout.has("window") else counts["window"] * window)


def layers_of_rank(question: Question) -> dict[str, int]:
    """Layers by kind on the fullest rank of the pipeline."""
    model = question.architecture
    counts = {"full": model.full_layers, "window": model.window_layers, "linear": model.linear_layers}
    return {kind: ceil(count / question.pp) for kind, count in counts.items()}


def layout(question: Question, paging: Paging) -> Layout:
    """The layout of the cache on one rank, of an engine that pages it so."""
    return Layout(*_groups(question, paging), question.architecture.window, paging)


def _groups(question: Question, paging: Paging) -> tuple[tuple[Group, ...], float]:
    """The groups of layers, and the bytes of a block. Windows that are not kept apart count as full layers."""
    model, counts = question.architecture, layers_of_rank(question)
    full, window = token_bytes(question)
    if paging.state_blocks and counts["linear"] and counts["full"]:
        return _with_states(question, full, counts)
    if paging.windows and model.window_layers and model.window:
        return _with_windows(full, window, counts)
    block = MLA_BLOCK if model.attention == "mla" else BLOCK
    total = counts["full"] * full + counts["window"] * window
    return (Group("full", 1, block),), max(total, 1.0) * block


def group_size(first: int, second: int) -> int:
    """Layers of a group: the smaller count, unless the larger one is hardly larger."""
    small, large = sorted((first, second))
    return large if large < 1.5 * small else small


def _with_states(question: Question, full: float, counts: Mapping[str, int]) -> tuple[tuple[Group, ...], float]:
    """Full layers beside linear ones: blocks grow until one holds a layer's state, and all groups share the pool."""
    model = question.architecture
    state = state_bytes(question)
    block = max(BLOCK, ceil(ceil(state / full) / BLOCK) * BLOCK)
    size = group_size(counts["full"], counts["linear"])
    groups = [
        Group("full", ceil(counts["full"] / size), block),
        Group("linear", ceil(counts["linear"] / size), block),
    ]
    if counts["window"] and model.window:
        groups.append(Group("window", ceil(counts["window"] / size), block))
    return tuple(groups), size * block * full


def state_bytes(question: Question) -> float:
    """Bytes of one sequence's recurrent state in one linear layer, on one rank."""
    model = question.architecture
    number = question.number
    return (model.linear_state * (model.linear_state_bytes or number) + model.linear_conv * number) / question.tp


def _with_windows(full: float, window: float, counts: Mapping[str, int]) -> tuple[tuple[Group, ...], float]:
    """Full layers beside window layers; where a token is larger in one kind, blocks of the other hold more tokens."""
    if not counts["full"]:
        return (Group("window", 1, BLOCK),), counts["window"] * BLOCK * window
    size = group_size(counts["full"], counts["window"])
    page = BLOCK * max(full, window)
    groups = (
        Group("full", ceil(counts["full"] / size), max(BLOCK, int(page // full))),
        Group("window", ceil(counts["window"] / size), max(BLOCK, int(page // window))),
    )
    return groups, size * page
