"""What a GPU holds beside weights and cache: the activation peak, CUDA graphs, and what is outside the allocator."""

from math import sqrt

from generator.core.words import counted
from generator.sizing import releases
from generator.sizing.estimate import GIB, Estimate, Term
from generator.sizing.question import Question

MEMORY_DOUBT = {"engine log": 0.003, "marketed": 0.06}
"""How much less than the catalogue's figure a process may see, by how that figure is known."""
SORTED_LOGIT = 38.4
"""Bytes of a logit where the sampler sorts them all: copies, values, indices and the sort's own room. Fitted."""
FLASHINFER_LOGIT = 18.0
"""Bytes of a logit with the FlashInfer sampler: 16 and 32 bit, and probabilities. Fitted."""
RUNNER_V2_LOGIT = 6.0
"""Bytes of a logit with the second model runner: 16 bit and a copy of 32."""
COUNTED_WORD = 4.125
"""Bytes that the second runner keeps for each word of each sequence: a count of 32 bit, and a bit."""
RESIDUALS = 4
"""Vectors of the hidden size that a layer holds at once. Fitted."""
PADDED_ROWS = 128
"""Rows to which a group of one expert's tokens is rounded up."""
EXPERT_CHUNK = 32768
"""Tokens at most that the experts work on at once."""
ENCODER_TOKENS = 16384
"""Tokens of one image at most, for which an encoder is profiled."""
ENCODER_PEAK = 1.25
"""GiB of a large encoder's own peak at that size; smaller ones take less with their width. Fitted."""
LARGE_ENCODER = 0.45
"""Parameters of such an encoder, in 1e9."""
V0_CHUNKED = 32768
"""The V0 engine profiles the whole length up to here, and 2,048 tokens beyond."""
PLAIN_GRAPHS, GRAPH_OF_LAYER = 0.28, 0.00018
"""GiB of the first CUDA graph, and of each further one a layer. Fitted."""
UNIFIED = 0.9
"""GiB that the CPU's side takes of shared memory while the engine starts. Fitted."""
NVLINK_GBS = 100
"""One direction; what PCIe does not reach."""
RUNTIME, FAST_LINKS, SLOW_LINKS = 0.13, 0.42, 0.17
"""GiB outside the allocator: the driver and libraries; communication over NVLink with its buffers; over PCIe."""
_SHOWN_GIB = 0.005
"""What is less reads as nothing."""


def usable(question: Question, share: float, what: str = "") -> Term:
    """What the engine may take of a GPU: a share of what a process sees of it."""
    gpu = question.gpu
    doubt = MEMORY_DOUBT.get(gpu.memory_from, 0.02)
    size = gpu.memory_gib * share
    return Term(
        "usable",
        Estimate(size, size * (1 - doubt), size * 1.003),
        f"{gpu.memory_gib:.2f} GiB seen on {gpu.name} x {share:g}{what}",
    )


def activations(question: Question) -> Term:
    """The peak of the profiling run at start: a full step through the layers, the sampler, or the image encoder."""
    model, tokens = question.architecture, profiled_tokens(question)
    kept = tokens * model.hidden * question.number / GIB
    step = step_numbers(question, tokens) * question.number / GIB
    sampler, doubt, how = _sampler(question)
    encoder, images = _encoder(question)
    candidates = (
        (step + images, 0.25, f"a step of {tokens} tokens through the widest layer"),
        (
            sampler + kept + images,
            doubt,
            f"sampling for {counted(question.seqs, 'sequence')} over {model.vocab} words {how}",
        ),
        (encoder + 2 * images, 0.4, f"an encoder run of {ENCODER_TOKENS} tokens"),
    )
    peak, doubt, why = max(candidates)
    if second_runner(question) and question.release >= releases.MEASURED_WHOLE:
        counts = question.seqs * model.vocab * COUNTED_WORD / GIB
        peak += counts
        why += f", and {counts:.2f} GiB to count the words of each sequence" if counts >= _SHOWN_GIB else ""
    return Term("activation peak", Estimate.around(peak, doubt, doubt).widened(0.1, 0.25), why)


def profiled_tokens(question: Question) -> int:
    """Tokens of the profiling run."""
    if not releases.is_v0(question.release, question.gpu.compute_capability, question.format):
        return question.batched_tokens
    if question.max_num_batched_tokens or question.length > V0_CHUNKED:
        return question.batched_tokens
    return max(question.length, question.batched_tokens)


def step_numbers(question: Question, tokens: int) -> float:
    """Numbers that a step of so many tokens holds at its widest, on one rank."""
    return tokens * _dense_width(question) + _expert_numbers(question, tokens)


def _dense_width(question: Question) -> float:
    """Numbers a token holds at the widest moment of a layer, experts left out, on one rank."""
    model = question.architecture
    mlp = 0.0 if model.experts and not model.dense_layers else 3 * model.intermediate / question.tp
    return mlp + RESIDUALS * model.hidden


def _expert_numbers(question: Question, tokens: int) -> float:
    """Numbers that the experts of a layer hold, on one rank: in and out of each expert that a token is sent to."""
    model = question.architecture
    sent = routed_tokens(question, tokens) * model.active_experts
    inner = model.expert_intermediate / (1 if question.expert_parallel else question.tp)
    gathered = 2 * tokens * question.dp * model.hidden if question.expert_parallel and question.dp > 1 else 0
    if _pads_experts(question):
        held = model.experts / (question.tp * question.dp if question.expert_parallel else 1)
        rows = sent + held * PADDED_ROWS
        return gathered + rows * (max(2 * inner, model.hidden) + max(inner, model.hidden) + (inner + model.hidden) / 2)
    return gathered + sent * (max(2 * inner, model.hidden) + inner)


def routed_tokens(question: Question, tokens: int) -> int:
    """Tokens the experts of a rank see in one go: of all data-parallel ranks where these share the experts."""
    return min(tokens * question.dp, EXPERT_CHUNK) if question.expert_parallel else tokens


def _pads_experts(question: Question) -> bool:
    """Whether 8-bit experts run on the kernels of Hopper and datacentre Blackwell that pad the rows of each expert."""
    return question.format == "fp8" and 9.0 <= question.gpu.compute_capability < 11.0


def _sampler(question: Question) -> tuple[float, float, str]:
    """GiB of the sampler in the profiling run, the share of doubt, and its kind. Early V0 releases left it out."""
    release, model = question.release, question.architecture
    if release < releases.V1_ENGINE:
        return 0.0, 0.0, "not profiled"
    if second_runner(question):
        size, doubt, how = RUNNER_V2_LOGIT, 0.2, "with one copy"
    elif release >= releases.FLASHINFER_SAMPLER and question.gpu.vendor == "nvidia":
        size, doubt, how = FLASHINFER_LOGIT, 0.4, "with probabilities"
    else:
        size, doubt, how = SORTED_LOGIT, 0.06, "by a sort"
    return question.seqs * model.vocab * size / GIB, doubt, how


def second_runner(question: Question) -> bool:
    """Whether the second model runner serves: dense models first, then all."""
    model, release = question.architecture, question.release
    plain = not model.experts and not model.linear_layers
    return release >= releases.RUNNER_V2_ALL or (release >= releases.RUNNER_V2 and plain)


def _encoder(question: Question) -> tuple[float, float]:
    """GiB of an encoder's own peak, and of its outputs, which stay while the profile goes on."""
    model = question.architecture
    if question.text_only or not model.vision_params_b:
        return 0.0, 0.0
    width = sqrt(min(1.0, model.vision_params_b / LARGE_ENCODER))
    tokens = max(ENCODER_TOKENS, question.batched_tokens)
    return ENCODER_PEAK * width, tokens * (1 + model.image_levels) * model.hidden * question.number / GIB


def graphs(question: Question) -> Term:
    """CUDA graphs, as far as they come off the cache's budget."""
    name = "CUDA graphs"
    if question.enforce_eager:
        return Term(name, Estimate.exact(0.0), "eager mode captures none")
    if question.release < releases.GRAPHS_IN_BUDGET:
        return Term(name, Estimate.exact(0.0), "before 0.21 they come on top of the share of memory, not out of it")
    if second_runner(question) and question.release < releases.RUNNER_V2_ALL:
        return Term(name, Estimate.exact(0.0), "the second model runner does not estimate them before 0.29")
    count = len(capture_sizes(question.seqs))
    size = PLAIN_GRAPHS + GRAPH_OF_LAYER * question.architecture.layers * count
    why = f"{counted(count, 'graph')} of {question.architecture.layers} layers, as the engine estimates them"
    return Term(name, Estimate(size, size * 0.4, size * 2), why)


def capture_sizes(seqs: int) -> list[int]:
    """Batch sizes for which graphs are captured: up to twice the sequences, 512 at most."""
    largest = min(2 * seqs, 512)
    sizes = [1, 2, 4, *range(8, 256, 8), *range(256, 513, 16)]
    return [size for size in sizes if size <= largest]


def runtime(question: Question, more: float = 0.0, what: str = "") -> Term:
    """Memory outside the allocator: the driver's context, libraries, buffers between GPUs, and `what` takes `more`."""
    size, why = RUNTIME, "driver and libraries"
    if question.tp * question.pp > 1:
        fast = question.gpu.interconnect_gbs >= NVLINK_GBS
        size += FAST_LINKS if fast else SLOW_LINKS
        why += f", and buffers between GPUs over {'NVLink' if fast else 'PCIe'}"
    size, why = size + more, why + what
    if question.gpu.unified:
        size += UNIFIED
        why += ", and what the CPU takes of the same memory meanwhile"
    return Term("runtime outside the allocator", Estimate(size, size * 0.4, size + 0.3), why)
