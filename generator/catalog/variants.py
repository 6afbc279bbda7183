"""Uploads that the catalogue does not list, by the model that they are made of and the format their name says."""

import re
from collections.abc import Iterable
from functools import cache

from generator.core.frozen import frozen

_FORMS = (
    (r"nvfp4(?:-\w+)?|fp4|w4a4", "nvfp4"),
    (r"mxfp4", "mxfp4"),
    (r"fp8(?:-(?:dynamic|block|tensor|per-channel|static|kv|w8a8))*|w8a8-fp8", "fp8"),
    (r"awq(?:-(?:int4|4bit|w4a16|g128|8bit|int8))*|(?:int4|4bit|w4a16)-awq", "awq"),
    (r"gptq-(?:int8|8bit|8b|w8a16)(?:-\d+g)?", "int8"),
    (r"gptq(?:-(?:int4|4bit|4b|w4a16|marlin|g\d+|\d+g))*|(?:int4|4bit|w4a16)-gptq", "gptq"),
    (r"(?:unsloth-)?(?:bnb|bitsandbytes)(?:-(?:4bit|nf4))?|nf4", "bitsandbytes"),
    (r"(?:quantized[-.])?w4a16(?:-g\d+)?|int4(?:-(?:w4a16|autoround|mixed))*|autoround(?:-int4)?|4bit", "w4a16"),
    (r"(?:quantized[-.])?(?:w8a8|w8a16)|int8(?:-w8a\d+)?|8bit", "int8"),
    (r"(?:i?q\d(?:-[a-z0-9]+)*-)?gguf(?:-i?q\d(?:-[a-z0-9]+)*)?", "gguf"),
    (r"i?q\d-[a-z0-9]+(?:-[a-z0-9]+)?", "gguf"),
    (r"bf16|fp16", "none"),
)
"""Ends of names, the longest first, and the format that each says."""
_END = re.compile("[-.](?:" + "|".join(f"(?P<f{at}>{form})" for at, (form, _) in enumerate(_FORMS)) + ")$")
_REMARK = re.compile(r"-*\((.*?)\)")
_QUANT = re.compile(r"i?q\d(?:-[a-z0-9]+)*?(?=-gguf|$)")
_TAIL = re.compile(r"[-.](?:ct|qat|hf|dynamic|quantized|mlx|mtp|eagle3?|abliterated)$")
_ROLE = re.compile(r"-(?:instruct|it|chat|base|pt|thinking|reasoning|preview|v\d+(?:\.\d+)?|\d{4}|hf)(?=-|$)")
_MAKER = re.compile(r"^(?:meta|nvidia|deepseek-ai|google|mistralai|qwen)-(?=[a-z])")


@frozen
class Variant:
    """The model of the catalogue that an upload is made of, and its format: empty where its name says none."""

    base: str
    quantization: str
    same_role: bool


def variant(name: str, ids: Iterable[str]) -> Variant | None:
    """What an upload is made of, judged by its name; none where no model of the catalogue has the same words.

    The format at the end of the name is taken off, and whoever made it; a base model stands for its fine-tunes for
    chat and the other way round, but never one size or generation for another.
    """
    plain, form = _stripped(_tail(name))
    known = _plain_ids(tuple(ids))
    if base := known.get(plain):
        return Variant(base, form, same_role=True)
    bare = _bare(plain)
    near = [id for key, id in known.items() if _bare(key) == bare]
    return Variant(min(near, key=lambda id: (len(id), id)), form, same_role=False) if near and "-" in bare else None


@cache
def _plain_ids(ids: tuple[str, ...]) -> dict[str, str]:
    """Names without maker and format to their id, an upload that names no format before others."""
    by_name: dict[str, str] = {}
    for id in sorted(id for id in ids if not id.startswith("ollama:")):
        plain, form = _stripped(_tail(id))
        if plain not in by_name or (not form and _stripped(_tail(by_name[plain]))[1]):
            by_name[plain] = id
    return by_name


def _tail(name: str) -> str:
    """What follows the maker; of a remark in brackets only what says the format."""
    plain = re.sub(r"[\s_]+", "-", name.lower().rstrip("/").rpartition("/")[2])
    return _REMARK.sub(lambda remark: f"-{remark[1]}" if _END.search(f"-{remark[1]}") else "", plain)


def _stripped(tail: str) -> tuple[str, str]:
    """A name without what says its format, and the format; the one nearest to the end counts."""
    form = ""
    while match := _END.search(tail) or _TAIL.search(tail):
        if match.lastgroup and not form:
            form = _FORMS[int(match.lastgroup[1:])][1]
            if form == "gguf" and (quant := _QUANT.search(match[0])):
                form = f"gguf:{quant[0].replace('-', '_')}"
        tail = tail[: match.start()]
    return _MAKER.sub("", tail), form


def _bare(plain: str) -> str:
    return _ROLE.sub("", plain)
