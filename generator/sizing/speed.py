"""How long one step takes: a roofline for decoding and prefill. `make accuracy` checks the fitted constants."""

from generator.core.frozen import frozen
from generator.core.lazy import lazy
from generator.sizing import kv, weights
from generator.sizing.question import Question
from generator.sizing.weights import Parts, body_bytes

MEMORY_EFFICIENCY = 0.83
"""Share of the bandwidth that reading weights reaches in a decode step."""
EXPERT_EFFICIENCY = 0.8
"""The same for experts, of which a step reads a few scattered ones."""
KV_EFFICIENCY = 0.95
"""The same for keys and values."""
STEP_OVERHEAD_S = 1.45e-3
"""Scheduling, launch and sampling of a step, whatever its size."""
SEQUENCE_OVERHEAD_S = 1.1e-5
"""What each further sequence of a step costs the host."""
EXPERT_LAYER_S = 1.7e-5
"""Routing tokens between GPUs, a layer with experts."""
LATENT_LAYER_S = 1.8e-4
"""The many small kernels of a layer with a latent cache, which one all-reduce does not hide. Fitted."""
FIRST_TOKEN_S = 0.019
"""Between a request and its first step: HTTP, tokenizer, queue of the scheduler."""

NVLINK_LATENCY_S = 2e-5
"""An all-reduce of few bytes over NVLink, whatever the number of GPUs."""
PCIE_LATENCY_S = 1.8e-5
"""The same over PCIe, for each further GPU of the ring."""
LINK_EFFICIENCY = 0.8
"""Of a link in an all-reduce of many bytes, as collective libraries reach it; not fitted."""
NVLINK_GBS = 100.0
"""A link from this bandwidth on (GB/s, one direction) is NVLink, below it PCIe."""

EXPERT_COMPUTE = 0.8
"""Matrix products of experts against those of a dense model with as many active parameters."""
ATTENTION_COMPUTE = 1.7
"""Attention over a prompt against the products of a dense model in 16 bit."""
EXPERT_SPLIT = 0.55
"""By which power of the GPUs the experts' products lose when tensor parallelism makes them narrow."""
DEQUANTIZE = 0.82
"""Formats that the GPU does not compute in are unpacked on the way."""
CEILING = 0.85
"""No product of matrices was measured above this share of the peak."""

_FP8 = frozenset({"fp8", "compressed-tensors"})
_FP4 = frozenset({"fp4", "nvfp4", "modelopt_fp4"})
_UNPACKED = frozenset({"awq", "gptq", "bitsandbytes"})
_LARGE_PRODUCT = 16
"""A step of this many tokens or more is limited by the arithmetic of its matrices as well."""


@frozen
class Curve:
    """What matrix products reach, in TFLOPS: `share` of `peak` there, and by the power `growth` of other peaks."""

    share: float
    peak: float
    growth: float

    def reached(self, peak: float) -> float:
        """TFLOPS reached by a GPU of this dense peak."""
        return min(self.share * self.peak * float((peak / self.peak) ** self.growth), CEILING * peak)


SIXTEEN_BIT = Curve(0.5, 312.0, 0.59)
EIGHT_BIT = Curve(0.51, 1978.0, 0.86)
"""Also for 4 bit. Its points come from an offline engine, those of 16 bit from servers, whose hosts hold GPUs back."""


@frozen
class Machine:
    """A question's server as a machine: what a step reads and computes. Bytes, seconds and operations of one rank."""

    question: Question

    @lazy
    def ranks(self) -> int:
        """GPUs that share one copy of the weights."""
        return self.question.tp * self.question.pp

    @lazy
    def bandwidth(self) -> float:
        """Of one GPU, in bytes a second."""
        return self.question.gpu.bandwidth_gbs * 1e9

    @lazy
    def parts(self) -> Parts:
        """The parameters by kind."""
        return weights.parts(self.question.architecture)

    @lazy
    def active_parameters(self) -> float:
        """Parameters that a token passes in the layers, embeddings and head aside."""
        shape, part = self.question.architecture, self.parts
        chosen = part.experts * shape.active_experts / shape.experts if shape.experts else 0.0
        return (part.attention + part.replicated + part.dense + chosen) * 1e9

    @lazy
    def head_parameters(self) -> float:
        """Parameters of the output head, which a step passes once for each sequence."""
        return float(self.question.architecture.vocab * self.question.architecture.hidden)

    @lazy
    def always_bytes(self) -> float:
        """Bytes that every decode step reads: the layers without experts, and the head in 16 bit."""
        part, form = self.parts, self.question.format
        size = weights.FULL if form in weights.EXPERTS_ONLY and self.question.architecture.experts else body_bytes(form)
        head = body_bytes(form) if form.startswith("gguf") else weights.FULL
        return (part.attention + part.replicated + part.dense) * size * 1e9 + self.head_parameters * head

    @lazy
    def expert_bytes(self) -> float:
        """Bytes of all experts."""
        return self.parts.experts * 1e9 * body_bytes(self.question.format)

    def kv_read(self, context: float) -> float:
        """Bytes of keys and values that one sequence of this length makes a rank read, all its layers together."""
        shape = self.question.architecture
        full, window = kv.token_bytes(self.question)
        seen = min(context, shape.window or context)
        return shape.full_layers * full * context + shape.window_layers * window * seen

    @lazy
    def state_moved(self) -> float:
        """Bytes of recurrent states that a step reads and writes for one sequence on a rank, all layers together."""
        layers = self.question.architecture.linear_layers
        return 2 * layers * kv.state_bytes(self.question) if layers else 0.0

    @lazy
    def operations(self) -> float:
        """Operations a second that the products of all ranks reach together."""
        return self._rate() * 1e12 * self.ranks

    @lazy
    def narrow(self) -> float:
        """The dense peak of 8 or 4 bit where the GPU computes in the weights' format, else 0."""
        gpu, form = self.question.gpu, self.question.format
        if form in _FP4 and gpu.fp4_tflops:
            return gpu.fp4_tflops
        if form in _FP8 | _FP4:
            return gpu.fp8_tflops
        return gpu.int8_tops if form == "int8" else 0.0

    @lazy
    def wide(self) -> float:
        """TFLOPS of one GPU in 16 bit."""
        gpu = self.question.gpu
        return SIXTEEN_BIT.reached(gpu.bf16_tflops or gpu.fp16_tflops)

    def _rate(self) -> float:
        """TFLOPS of one GPU in the format it computes in; what it cannot compute in is unpacked to 16 bit."""
        gpu, form = self.question.gpu, self.question.format
        if self.narrow:
            return EIGHT_BIT.reached(self.narrow)
        wide = self.wide
        unpacked = form in _UNPACKED | _FP8 | _FP4 or form.startswith("gguf")
        return wide * DEQUANTIZE if unpacked or (form == "mxfp4" and not gpu.fp4_tflops) else wide

    @lazy
    def products(self) -> float:
        """Operations a second in the layers' products, where experts are slower."""
        if not self.question.architecture.experts:
            return self.operations
        return self.operations * EXPERT_COMPUTE * float(self.question.tp**-EXPERT_SPLIT)

    def exchange(self, tokens: float) -> float:
        """Seconds of the all-reduces of one pass over the layers for so many tokens."""
        tp, gpu, shape = self.question.tp, self.question.gpu, self.question.architecture
        if tp == 1:
            return 0.0
        link = gpu.interconnect_gbs or 32.0
        latency = NVLINK_LATENCY_S if link >= NVLINK_GBS else PCIE_LATENCY_S * (tp - 1)
        moved = tokens * shape.hidden * 2 * 2 * (tp - 1) / tp
        return 2 * shape.layers * (latency + moved / (LINK_EFFICIENCY * link * 1e9))

    def touched(self, tokens: float) -> float:
        """The share of the experts that at least one of so many tokens goes to."""
        shape = self.question.architecture
        return 1 - float((1 - shape.active_experts / shape.experts) ** tokens) if shape.experts else 0.0

    def weights_read(self, tokens: float) -> float:
        """Seconds to read once what so many tokens need of the weights."""
        experts = self.expert_bytes * self.touched(tokens) / EXPERT_EFFICIENCY
        return (self.always_bytes / MEMORY_EFFICIENCY + experts) / (self.ranks * self.bandwidth)

    def step(self, batch: float, context: float) -> float:
        """Seconds of a decode step of so many sequences at this mean length."""
        shape = self.question.architecture
        kept = self.kv_read(context) + self.state_moved
        cached = batch * kept / (self.question.pp * KV_EFFICIENCY * self.bandwidth)
        memory = self.weights_read(batch) + cached
        compute = 2 * (self.active_parameters + self.head_parameters) * batch / self.products
        routing = EXPERT_LAYER_S * shape.layers if shape.experts and self.question.tp > 1 else 0.0
        routing += LATENT_LAYER_S * shape.layers if shape.attention == "mla" else 0.0
        stage = max(memory, compute if batch >= _LARGE_PRODUCT else 0.0) * self.question.pp
        return stage + STEP_OVERHEAD_S + routing + batch * SEQUENCE_OVERHEAD_S + self.exchange(batch)

    def prefill(self, prompt: float, chunk: float) -> float:
        """Seconds of work that one prompt brings, with its share of the weights read for a step of `chunk` tokens."""
        linear = 2 * self.active_parameters * prompt / self.products
        reading = self.weights_read(chunk) * prompt / chunk
        return (
            max(linear + self._attention(prompt) / (self.wide * 1e12 * self.ranks * ATTENTION_COMPUTE), reading)
            + self.exchange(prompt)
            - self.exchange(0.0)
        )

    def first_token(self, prompt: float) -> float:
        """Seconds from a request to its first token on an idle server."""
        return self.prefill(prompt, prompt) + FIRST_TOKEN_S

    def _attention(self, prompt: float) -> float:
        """Operations of causal attention over a prompt."""
        shape = self.question.architecture
        width = shape.heads * (shape.head_dim + (shape.value_dim or shape.head_dim))
        seen = min(prompt, shape.window or prompt)
        return width * (shape.full_layers * prompt * prompt + 2 * shape.window_layers * prompt * seen)
