"""vLLM: a share of each GPU, profiled at start, and one pool of blocks for the cache of all sequences."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import replace
from math import ceil, floor
from typing import Any, ClassVar

from generator.catalog import dtypes, reader, rope
from generator.catalog.dtypes import Taken
from generator.catalog.facts import ModelFacts
from generator.catalog.rope import PositionRules, Reach
from generator.core.words import counted
from generator.sizing import kv, overhead, releases
from generator.sizing.arguments import Arguments
from generator.sizing.question import Question
from generator.sizing.releases import Release
from generator.sizing.servers.protocol import (
    SIXTEEN_BIT,
    THIRTY_TWO_BIT,
    Changes,
    EightBitCache,
    Server,
    Terms,
)
from generator.sizing.weights import weights

FREE_GIB, DESKTOP_GIB, UNIFIED_GIB, GRAPHS_GIB = 0.5, 1.0, 20.0, 1.0
"""What is left beside the engine: contexts of other processes; a screen; the system where CPU and GPU share memory;
CUDA graphs where the engine does not count them (measured: 0.24 to 0.72). A DGX Spark without a desktop has 101.3 of
121.7 GiB free after boot (github:MiaAI-Lab/GLM-5.3-Flash-EXL3-2x-DGX-Sparks issue 47)."""
GAPS = 0.7
"""GiB of gaps in the allocator, counted since the engine measures what is taken as a whole. Fitted."""
LEFTOVERS = 0.4
"""GiB that the estimate of CUDA graphs leaves behind before that. Fitted."""
MXFP4_SIDES = (256, 128)
"""Multiples to which the kernels for MXFP4 round up the hidden and the inner side of a rank's experts."""
MXFP4_TRITON: Release = (0, 10, 2)
"""From here on Hopper has kernels of its own, which take the sides as they are."""

OVERRIDES = "hf-overrides"
"""The argument that overrides the model's configuration."""
IMAGES = "limit-mm-per-prompt"
"""The argument that says how many images and the like a prompt may hold."""
UNCHECKED = "VLLM_ALLOW_LONG_MAX_MODEL_LEN"
"""The variable that makes it take a context beyond the one it derives."""


class Vllm(Server):
    """The server protocol for vLLM."""

    arguments: ClassVar = Arguments(
        fields={
            "kv-cache-dtype": "kv_dtype",
            "gpu-memory-utilization": "utilization",
            "device-memory-utilization": "utilization",
            "max-num-batched-tokens": "max_num_batched_tokens",
            "enable-chunked-prefill": "chunked_prefill",
            "enforce-eager": "enforce_eager",
            "enable-prefix-caching": "prefix_caching",
            "language-model-only": "text_only",
            "dtype": "dtype",
        },
        not_modelled=frozenset(
            {
                "cpu-offload-gb",
                "cpu-offload-params",
                "decode-context-parallel-size",
                "kv-cache-dtype-skip-layers",
                "kv-cache-memory-bytes",
                "mamba-cache-dtype",
                "mamba-ssm-cache-dtype",
                "num-gpu-blocks-override",
                "offload-backend",
                "offload-group-size",
                "prefill-context-parallel-size",
                "skip-mm-profiling",
            }
        ),
        not_counted=frozenset(
            {"enable-eplb", "enable-lora", "mm-ipc-gpu-memory-gb", "spec-model", "speculative-config"}
        ),
        host={
            "cpu-offload-gb": "weights",
            "kv-offloading-size": "pinned",  # of all ranks together
            "mm-processor-cache-gb": "copies",
            "swap-space": "gpu",
        },
        servers="api-server-count",
    )
    changes: ClassVar = Changes(
        EightBitCache("kv-cache-dtype", "fp8", "fp8", 8.9),
        fewer="max_num_seqs",  # it samples, and keeps states, for all sequences at once
        share="gpu-memory-utilization",
        weights="fp8",
    )
    precisions: ClassVar = ("none", "fp8", "awq", "gptq")
    measured: ClassVar = True
    shared_gib: ClassVar = UNIFIED_GIB

    def understood(self, version: str) -> tuple[Release, str] | None:
        """Memory differs from release to release."""
        return releases.understood(version)

    def share(self, question: Question) -> float:
        """The release's."""
        return releases.default_utilization(question.release)

    def batch(self, question: Question) -> tuple[int, int]:
        """The API server's, by GPU and release."""
        return releases.default_batch(question.gpu, question.release)

    def terms(self, question: Question) -> Terms:
        """Weights, activations of the profiling run, CUDA graphs, and what is outside the allocator."""
        terms = (
            weights(question, _padding(question)),
            overhead.activations(question),
            overhead.graphs(question),
            overhead.runtime(question, *_unnamed(question)),
        )
        return overhead.usable(question, question.share), terms

    def layout(self, question: Question) -> kv.Layout:
        """Groups of layers that share a pool of blocks: full ones, windows, recurrent states."""
        batches = 2 if question.release >= releases.TWO_BATCHES else 1
        twice = question.prefix_caching and question.release >= releases.HYBRID_PREFIX_CACHE
        paging = kv.Paging(
            windows=question.release >= releases.V1_ALONE,
            in_flight=batches * question.batched_tokens,
            state_blocks=2 if twice else 1,
            by_concurrency=question.release >= releases.TOKENS_BY_CONCURRENCY,
        )
        return kv.layout(question, paging)

    def number(self, question: Question) -> int:
        """Of 32 bit where it is asked for, or where the GPU and the model leave nothing else."""
        return THIRTY_TWO_BIT if _dtype(question).dtype == dtypes.FLOAT32 else SIXTEEN_BIT

    def refuses(self, question: Question) -> bool:
        """By the type of numbers."""
        return bool(_dtype(question).refused)

    def unmodelled(self, args: Mapping[str, Any]) -> str:
        """Overrides of dimensions are not followed, those of positions are; nor is an encoder without work."""
        if not rope.only_positions(_overrides(args)):
            return OVERRIDES
        images = _object(args, IMAGES)
        # What a version still loads of an encoder that gets no image is not known.
        return IMAGES if images and not any(images.values()) else super().unmodelled(args)

    def reach(self, model: ModelFacts, version: str, args: Mapping[str, Any], env: Mapping[str, str]) -> Reach:
        """What the version derives of the configuration and its overrides."""
        rules, own = _rules(version), Reach(model.max_context, model.max_context)
        overridden = _overrides(args)
        if rules and overridden and model.max_context:
            own = max(_reaches(model, rules, overridden), key=lambda one: (not one.lacks, one.tokens))
        taken = env.get(UNCHECKED, "").strip().lower() in ("1", "true")
        return replace(own, unchecked=UNCHECKED) if taken else own

    def longer(self, model: ModelFacts, version: str, tokens: int, args: Mapping[str, Any]) -> tuple[str, str] | None:
        """The length beside a scaling that reaches so far, else YaRN, as far as it was tried on this model."""
        rules, given = _rules(version), _overrides(args)
        offered = []
        if rules and given and self.reach(model, version, args, {}).scaled >= tokens:
            offered.append(rope.lengthened(given, tokens))
        if rules and model.yarn is not None and tokens <= model.yarn.longest:
            offered.append(rope.merged(given, rope.override(model.yarn, rules, tokens)))
        for overridden in offered:
            if min(one.tokens for one in _reaches(model, rules, overridden)) >= tokens:
                return OVERRIDES, json.dumps(overridden)
        return None

    def most_sequences(self, question: Question) -> int:
        """No more than a written step has tokens."""
        most = self.batch(question)[1]
        return min(most, question.max_num_batched_tokens or most)

    def chosen_share(self, question: Question, *, desktop: bool, reserved_gib: float = 0.0) -> tuple[float, str]:
        """The engine's own share of memory, or less where that leaves too little beside it."""
        gpu, default = question.gpu, self.share(question)
        beside = [(FREE_GIB, "other processes")]
        if reserved_gib:
            beside.append((reserved_gib, "what the pool's `reserved` says"))
        elif gpu.unified:
            beside.append((UNIFIED_GIB, "the system, which has the same memory"))
        if desktop and not reserved_gib:
            beside.append((DESKTOP_GIB, "a screen"))
        if question.release < releases.GRAPHS_IN_BUDGET and not question.enforce_eager:
            beside.append((GRAPHS_GIB, "CUDA graphs, which this release does not count"))
        free = sum(size for size, _ in beside)
        share = max(0.01, min(default, floor(100 * (1 - free / gpu.memory_gib)) / 100))
        kept = " + ".join(f"{size:g} for {what}" for size, what in beside)
        chosen = "the default of this release" if share == default else f"less than the default {default:g}"
        left = f"{gpu.memory_gib * (1 - share):.1f} of {gpu.memory_gib:.1f} GiB"
        return share, f"{chosen}: it leaves {left} free, and needed are {kept}"

    def chosen_step(self, question: Question) -> tuple[int, str] | None:
        """The release's, or another where that holds too little or more than ever comes.

        An image must fit into one, and only the engine knows its tokens: it chooses, unless its choice is too small.
        """
        default = self.batch(question)[0]
        if question.architecture.vision_params_b and question.seqs <= default:
            return None
        tokens, why = default, f"the default of this release on {question.gpu.name}"
        if not question.chunked_prefill and question.length > default:
            tokens = question.length
            why = "prompts are not read in parts here, so that the longest must fit into one step"
        elif question.seqs * question.length < default:
            tokens = question.seqs * question.length
            why = f"all that {counted(question.seqs, 'request')} of {question.length} tokens can bring"
        if tokens < question.seqs:
            tokens, why = question.seqs, f"one token for each of {counted(question.seqs, 'request')}"
        return tokens, why

    def prepared(self, question: Question) -> tuple[int, int]:
        """Eager mode compiles and captures nothing."""
        if question.enforce_eager:
            return 0, 0
        return question.architecture.layers, len(overhead.capture_sizes(question.seqs))


def _dtype(question: Question) -> Taken:
    engine = reader.engine("vllm")
    version = reader.release("vllm", question.engine_version) or engine.newest
    stored = question.format.partition(":")[0]
    return dtypes.taken(engine, version, question.gpu, question.family, stored, question.dtype)


def _rules(version: str) -> tuple[PositionRules, ...]:
    known = reader.release("vllm", version)
    return known.positions if known else ()


def _reaches(model: ModelFacts, rules: Iterable[PositionRules], overridden: Mapping[str, Any]) -> list[Reach]:
    return [rope.reach(model.max_context, model.model_type, one, OVERRIDES, overridden) for one in rules]


def _overrides(args: Mapping[str, Any]) -> Mapping[str, Any]:
    """The overridden fields of the configuration."""
    return _object(args, OVERRIDES)


def _object(args: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """An argument that is a JSON object; an empty one where it is none: the engine refuses it."""
    try:
        value = json.loads(str(args.get(name, "{}")))
    except ValueError:
        return {}
    return value if isinstance(value, dict) else {}


def _unnamed(question: Question) -> tuple[float, str]:
    """What it counts besides, in GiB and in words: how it measures changed with its releases."""
    if question.release < releases.FLASHINFER_SAMPLER:
        return 0.0, ""
    if question.release >= releases.MEASURED_WHOLE:
        return GAPS, ", gaps in the allocator"
    return LEFTOVERS, ", what profiling leaves behind"


def _padding(question: Question) -> float:
    """By how much MXFP4 experts grow where their kernel rounds up the sides."""
    model, (outer, inner) = question.architecture, MXFP4_SIDES
    if question.format != "mxfp4" or not model.experts:
        return 1.0
    if question.gpu.compute_capability == 9.0 and question.release >= MXFP4_TRITON:
        return 1.0
    width = ceil(model.expert_intermediate / (1 if question.expert_parallel else question.tp))
    return ceil(model.hidden / outer) * outer / model.hidden * ceil(width / inner) * inner / width


VLLM = Vllm()
