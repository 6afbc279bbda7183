"""What people, uploads and logs call a format of weights, as the one word that the model of memory knows."""

import re
from collections.abc import Mapping

from generator.sizing.weights import BODY_BYTES, GGUF_BYTES

PLAIN = frozenset({"none", "bf16", "bfloat16", "fp16", "float16", "half", "fp32", "unquantized", "16bit"})
"""Words for weights that are not quantised; they name a type to compute in, and no engine undoes a quantisation."""
_STORED = frozenset({"", "auto", "default", "unset", "compressed-tensors"})
"""Words that say no more than that the upload knows itself how it is stored."""
_WHOLE: Mapping[str, str] = {
    "modelopt": "fp8",
    "w8a8": "int8",
    "w8a16": "int8",
    "8bit": "int8",
    "q8": "gguf:q8_0",
    "q4": "gguf:q4_k_m",
}
_PARTS = (
    ("nvfp4", "nvfp4"),
    ("mxfp4", "mxfp4"),
    ("fp4", "nvfp4"),
    ("w4a4", "nvfp4"),
    ("fp8", "fp8"),
    ("float8", "fp8"),
    ("bitsandbytes", "bitsandbytes"),
    ("bnb", "bitsandbytes"),
    ("nf4", "bitsandbytes"),
    ("gptq-int8", "int8"),
    ("gptq-8bit", "int8"),
    ("gptq", "gptq"),
    ("awq", "awq"),
    ("w4a16", "w4a16"),
    ("w4a8", "w4a16"),
    ("autoround", "w4a16"),
    ("int4", "w4a16"),
    ("4bit", "w4a16"),
    ("int8", "int8"),
    ("w8a8", "int8"),
    ("w8a16", "int8"),
    ("8bit", "int8"),
)
"""What a word contains, the most telling first: `fp8-w8a8` is fp8, `awq_marlin` is awq."""


def named(word: str) -> str | None:
    """The format that a word means, empty for the stored one; none where it means nothing known.

    Marlin and other kernels, block sizes and the tool that made the upload do not change what the weights take.
    """
    plain = re.sub(r"[\s_]+", "-", re.sub(r"\(.*?\)|\bmarlin\b", " ", word.lower().replace("-bit", "bit")).strip(" -_"))
    if plain in _STORED:
        return ""
    exact = {**dict.fromkeys(PLAIN, "none"), "gguf": "gguf", **_WHOLE}
    if format_ := exact.get(plain) or _gguf(plain):
        return format_
    plain = plain.removeprefix("compressed-tensors-")
    if plain in BODY_BYTES:
        return plain
    return next((format for part, format in _PARTS if part in plain), None)


def _gguf(word: str) -> str:
    """`q4-k-m`, `gguf:q4-k-m` and `ud-q4-k-xl` as the quantisation of a GGUF file; empty for anything else."""
    quant = re.search(r"(?:^|[-:])(i?q\d(?:-[a-z0-9]+)*)$", word)
    if not quant:
        return f"gguf:{word[5:]}" if word[:5] in ("gguf:", "gguf-") and word[5:] in GGUF_BYTES else ""
    name = quant[1].replace("-", "_")
    for known in (name, name.removesuffix("_xl") + "_m", name + "_m", name[:-1] + "m"):
        if known in GGUF_BYTES:
            return f"gguf:{known}"
    return ""
