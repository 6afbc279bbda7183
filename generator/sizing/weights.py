"""Weights on one GPU: which parts a format makes small, which it leaves, and which parts every rank holds whole."""

from collections.abc import Mapping
from functools import cache
from math import ceil

from generator.catalog.architecture import Architecture
from generator.core.frozen import frozen
from generator.sizing.estimate import GIB, Estimate, Term
from generator.sizing.question import Question

FULL = 2.0
"""Bytes of a parameter that a format leaves alone."""
BODY_BYTES: Mapping[str, float] = {
    "none": 2.0,
    "fp8": 1.0005,  # a 32-bit scale per block of 128 x 128, or per channel
    "int8": 1.0005,
    "awq": 0.5195,  # groups of 128 with a 16-bit scale and a 4-bit zero point
    "gptq": 0.5195,
    "w4a16": 0.5195,
    "mxfp4": 0.53125,  # groups of 32 with an 8-bit scale
    "nvfp4": 0.5625,  # groups of 16 with an 8-bit scale
    "bitsandbytes": 0.516,  # blocks of 64 with a doubly quantised scale
}
"""Bytes of a parameter of a linear layer, scales included."""
GGUF_BYTES: Mapping[str, float] = {
    "q2_k": 0.39,
    "q3_k_s": 0.43,
    "q3_k_m": 0.489,
    "q3_k_l": 0.534,
    "iq4_xs": 0.536,
    "iq4_nl": 0.5625,
    "q4_0": 0.5625,
    "q4_1": 0.625,
    "q4_k_s": 0.573,
    "q4_k_m": 0.606,
    "q5_0": 0.6875,
    "q5_1": 0.75,
    "q5_k_s": 0.692,
    "q5_k_m": 0.711,
    "q6_k": 0.82,
    "q8_0": 1.0625,
    "f16": 2.0,
    "bf16": 2.0,
}
"""Bytes of a parameter averaged over a whole GGUF file, embeddings included; an encoder is a file of 16 bit beside."""
KEPT = frozenset({"embedding", "head", "other"})
"""Parts that no format but GGUF makes smaller."""
EXPERTS_ONLY = frozenset({"mxfp4"})
"""Formats that leave attention as it is."""
LOADED = 1.001
"""Memory over file size: buffers, alignment, rotary tables."""
TWICE = 1.3
"""Files larger than this many times what the parameters explain hold the same weights in a second format."""


@frozen
class Parts:
    """A model's parameters, in 1e9, by how they are split and quantised."""

    embedding: float
    head: float
    attention: float
    replicated: float
    dense: float
    experts: float
    other: float


@cache
def parts(model: Architecture) -> Parts:
    """The parameters by kind. What the dimensions leave unexplained is `other`: encoders, biases, extra tables."""
    embedding = model.vocab * model.hidden / 1e9
    head = 0.0 if model.tied_embeddings else embedding
    attention, replicated = _attention(model)
    moe_layers = max(model.layers - model.dense_layers, 0) if model.experts else 0
    experts = moe_layers * model.experts * 3 * model.hidden * model.expert_intermediate / 1e9
    shared = moe_layers * model.shared_experts * 3 * model.hidden * model.expert_intermediate / 1e9
    dense = (model.layers - moe_layers) * 3 * model.hidden * model.intermediate / 1e9 + shared
    known = embedding + head + attention + replicated + dense + experts
    if model.params_b and known > model.params_b:
        # A layout with other parts than ours (layers without an MLP, shared tables): keep the published sum.
        body = attention + replicated + dense + experts
        scale = max(model.params_b - embedding - head, 0.0) / body if body else 0.0
        attention, replicated, dense, experts = (part * scale for part in (attention, replicated, dense, experts))
        known = model.params_b
    return Parts(embedding, head, attention, replicated, dense, experts, max(model.params_b - known, 0.0))


def _attention(model: Architecture) -> tuple[float, float]:
    """Parameters of attention that tensor parallelism splits, and those it does not, in 1e9."""
    if model.attention == "mla":
        rank = model.q_lora_rank or model.hidden
        value = model.value_dim or 128
        query = rank * model.heads * (value + model.rope_dim)
        output = model.kv_lora_rank * model.heads * 2 * value + model.heads * value * model.hidden
        latent = model.hidden * (model.kv_lora_rank + model.rope_dim) + (
            model.hidden * rank if model.q_lora_rank else 0
        )
        return model.layers * (query + output) / 1e9, model.layers * latent / 1e9
    value = model.value_dim or model.head_dim
    full = model.hidden * (model.heads * (model.head_dim + value) + model.kv_heads * (model.head_dim + value))
    if not (model.window_head_dim or model.window_kv_heads):
        return (model.layers - model.linear_layers) * full / 1e9 + _linear(model), 0.0
    side = model.window_head_dim or model.head_dim
    window = 2 * model.hidden * side * (model.heads + (model.window_kv_heads or model.kv_heads))
    return ((model.layers - model.window_layers) * full + model.window_layers * window) / 1e9, 0.0


def _linear(model: Architecture) -> float:
    """Parameters of linear attention, in 1e9: in and out projections of about six times the hidden size."""
    return model.linear_layers * 6 * model.hidden * model.hidden / 1e9


def body_bytes(format: str) -> float:
    """Bytes of one parameter of a linear layer in a format; those of bf16 where it is not known."""
    name = format.lower()
    if name.startswith("gguf"):
        return GGUF_BYTES.get(name.partition(":")[2].strip() or name[4:].strip(" :-_"), 0.606)
    return BODY_BYTES.get(name, FULL)


def whole_gib(model: Architecture, format: str) -> float:
    """Size of all weights in a format, from the parameters alone."""
    return sum(_bytes(model, format).values()) / GIB


@cache
def _bytes(model: Architecture, format: str) -> Mapping[str, float]:
    part, body = parts(model), body_bytes(format)
    if format.lower().startswith("gguf"):
        sizes = {name: 1e9 * body * getattr(part, name) for name in Parts.__match_args__}
        return sizes | {"other": sizes["other"] + 1e9 * max(FULL - body, 0.0) * min(model.vision_params_b, part.other)}
    attention = FULL if format in EXPERTS_ONLY else body
    size = {"embedding": FULL, "head": FULL, "other": FULL, "experts": body}
    size |= {"attention": attention, "replicated": attention, "dense": attention}
    return {name: 1e9 * size[name] * getattr(part, name) for name in Parts.__match_args__}


def weights(question: Question, expert_padding: float = 1.0) -> Term:
    """The weights of the fullest rank, in GiB; experts times `expert_padding` where a kernel rounds up their sides."""
    model, format = question.architecture, question.format
    sizes = dict(_bytes(model, format))
    published = question.checkpoint_gib if format == (question.stored or "none") else 0.0
    if format in BODY_BYTES and model.params_b and published > TWICE * whole_gib(model, format):
        published = 0.0
    sizes = _scaled(sizes, published) if published else {name: size / GIB for name, size in sizes.items()}
    sizes["experts"] *= expert_padding
    if question.text_only:
        sizes["other"] = max(0.0, sizes["other"] - model.vision_params_b * 1e9 * FULL / GIB)
    sizes, wide = _widened(question, sizes)
    rank = _fullest_rank(question, sizes) * LOADED
    how = "size of all weights" if published else f"{model.params_b:g}e9 parameters as {format}"
    why = f"{sum(sizes.values()):.2f} GiB ({how}{wide}){_split(question)}"
    doubt = 0.01 if published or body_bytes(format) >= 1.0 else 0.03
    return Term("weights", Estimate.around(rank, doubt, doubt), why)


def _widened(question: Question, sizes: dict[str, float]) -> tuple[dict[str, float], str]:
    """What no format makes smaller in the type that is computed in, and a word where that is not of 16 bit."""
    times, format = question.number / FULL, question.format
    if times == 1.0 or format.startswith("gguf"):
        return sizes, ""
    kept = set(sizes) if body_bytes(format) == FULL else KEPT | ({"attention"} if format in EXPERTS_ONLY else set())
    return {name: size * (times if name in kept else 1.0) for name, size in sizes.items()}, ", in 32 bit"


def _scaled(sizes: dict[str, float], published: float) -> dict[str, float]:
    """The parts in GiB so that they sum to the files: what is left at 16 bit stays, the rest carries the difference."""
    kept = sum(sizes[name] for name in KEPT) / GIB
    body = sum(sizes.values()) / GIB - kept
    if body <= 0 or published <= kept:
        return {name: published * size / GIB / (body + kept) for name, size in sizes.items()} if body + kept else sizes
    scale = (published - kept) / body
    return {name: size / GIB * (1.0 if name in KEPT else scale) for name, size in sizes.items()}


def _fullest_rank(question: Question, sizes: Mapping[str, float]) -> float:
    """A pipeline's last rank holds the head, its first the embedding, one of them a layer more: the largest counts."""
    model, ranks = question.architecture, question.tp
    expert_ranks = question.tp * question.dp if question.expert_parallel else question.tp
    copies = max(1.0, question.tp / model.kv_heads) if model.attention != "mla" and model.kv_heads else 1.0
    kv_part = sizes["attention"] * model.kv_heads / (model.heads + model.kv_heads) if model.attention != "mla" else 0.0
    body = (sizes["attention"] + kv_part * (copies - 1) + sizes["dense"]) / ranks
    body += sizes["replicated"] + sizes["experts"] / expert_ranks
    ends = (sizes["embedding"] + sizes["other"]) / ranks, sizes["head"] / ranks
    if question.pp == 1:
        return body + sum(ends)
    return body * ceil(model.layers / question.pp) / model.layers + max(ends)


def _split(question: Question) -> str:
    shares = [f"{name} {count}" for name, count in (("TP", question.tp), ("PP", question.pp)) if count > 1]
    if question.expert_parallel and question.dp > 1:
        shares.append(f"experts over {question.dp * question.tp} GPUs")
    return ", split by " + " and ".join(shares) if shares else ""
