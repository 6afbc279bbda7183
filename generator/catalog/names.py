"""What people call a GPU or a model, and which entries they may mean by it."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from generator.catalog import table
from generator.core.words import nearest

_NEAR = 3
_SAME_OWNER = 0.75
_WORD = re.compile(r"\d+\.\d+|[a-z]+\d+[a-z]*|\d+[a-z]*|[a-z]+")
_SILENT = {"nvidia", "amd", "intel", "geforce", "tesla", "instinct", "radeon", "gpu", "graphics", "edition"}
_SILENT |= {"generation", "gen", "oam", "hbm2", "hbm2e", "hbm3", "hbm3e", "gddr6", "gddr6x", "gddr7"}
_GLUED = re.compile(r"\b(rtx|gtx)(\d+)")
_FORM = re.compile(r"\b(sxm)\d")
_MEMORY = re.compile(r"\d+gi?b")


def gpu(name: str, ids: Iterable[str]) -> tuple[str, ...]:
    """The ids of the GPUs that go by this name: one, none, or several that it does not tell apart."""
    known = list(ids)
    if name in known:
        return (name,)
    wanted = words(name)
    if exact := [id for id in known if words(id) == wanted]:
        return tuple(exact)
    for alias, meant in _aliases("gpus").items():
        if words(alias) == wanted:
            return tuple(meant)
    bare = frozenset(word for word in wanted if not _MEMORY.fullmatch(word))
    if not bare or bare == wanted:
        return _with_any_memory(wanted, known) or gpu_series(name, known)
    memory = wanted - bare
    return tuple(id for id in gpu("-".join(sorted(bare)), known) if _memory(id) <= memory)


def gpu_series(name: str, known: Sequence[str]) -> tuple[str, ...]:
    """The GeForce cards that people call by their number alone: `4090`, `3080 ti`."""
    number = re.fullmatch(r"([2-5]0[5-9]0)( ?ti)?( ?super)?( ?laptop)?", name.lower().strip())
    wanted = words(f"rtx {' '.join(filter(None, number.groups()))}") if number else None
    return tuple(id for id in known if words(id) == wanted)


def not_one_gpu(name: str) -> str:
    """Why a name is not that of a GPU as a whole: a slice of one, or several; empty where neither can be seen."""
    plain = name.lower()
    if "mig" in re.split(r"[^a-z]+", plain) or re.search(r"\b\d+g\.\d+gb\b", plain):
        return "it is a MIG slice, whose share of memory and bandwidth is not modelled"
    count = re.search(r"^(\d{1,2}) ?[x*] ?(?=[a-z])|[ -][x*] ?(\d{1,2})$", plain)
    return f"it says {count[1] or count[2]} GPUs: name one, and write --tp {count[1] or count[2]}" if count else ""


def model(name: str, ids: Iterable[str]) -> tuple[str, ...]:
    """The ids of the models that go by this name, whatever its case: the whole id, or what follows the slash.

    A remark in brackets behind the name (`Qwen/Qwen3-14B (FP8)`) is not read.
    """
    known = list(ids)
    if name in known:
        return (name,)
    wanted = name.partition(" (")[0].lower()
    listed = {alias.lower(): meant for alias, meant in _aliases("models").items()}
    if wanted in listed:
        return tuple(listed[wanted])
    if exact := [id for id in known if id.lower() == wanted]:
        return tuple(exact)
    return tuple(id for id in known if id.lower().rpartition("/")[2] == wanted)


def near(name: str, ids: Iterable[str]) -> tuple[str, ...]:
    """The ids that a slip of the hand or two lead to from a name that is unknown, the best first."""
    by_lower = {id.lower(): id for id in ids}
    tails = {id.rpartition("/")[2]: id for id in by_lower}
    wanted = name.lower().replace(" ", "-")
    matches = [by_lower[match] for match in nearest(wanted, by_lower, _NEAR)]
    if not matches:
        matches = [by_lower[tails[match]] for match in nearest(wanted, tails, _NEAR)]
    return tuple(matches)


def of_owner(owner: str, ids: Sequence[str]) -> list[str]:
    """The ids of models that an owner has; of a name that owns none, those of the owner who is spelt nearly so."""
    from difflib import get_close_matches

    by_owner: dict[str, list[str]] = {}
    for id in ids:
        by_owner.setdefault(id.partition("/")[0].lower(), []).append(id)
    nearest = [owner] if owner in by_owner else get_close_matches(owner, list(by_owner), 1, _SAME_OWNER)
    return by_owner[nearest[0]] if nearest else []


def of(kind: str, id: str) -> tuple[str, ...]:
    """The other names that mean this entry alone. `kind` is `gpus` or `models`."""
    return tuple(alias for alias, meant in _aliases(kind).items() if list(meant) == [id])


@cache
def words(name: str) -> frozenset[str]:
    """A GPU's name as the words that tell it from others: `NVIDIA A100 80GB PCIe` has those of `a100-pcie-80gb`."""
    plain = re.sub(r"\(.*?\)|\[.*?\]", " ", name.lower())
    plain = re.sub(r"(\d) (gi?b)\b", r"\1\2", plain)
    plain = _FORM.sub(r"\1", _GLUED.sub(r"\1 \2", plain))
    return frozenset(word.replace("gib", "gb") for word in _WORD.findall(plain) if word not in _SILENT)


def _memory(id: str) -> frozenset[str]:
    return frozenset(word for word in words(id) if _MEMORY.fullmatch(word))


def memory_gb(name: str) -> float:
    """The memory that a name tells, 0 where it tells none."""
    return next((float(word.removesuffix("gb")) for word in words(name) if _MEMORY.fullmatch(word)), 0.0)


def _with_any_memory(wanted: frozenset[str], known: Sequence[str]) -> tuple[str, ...]:
    """The cards of which the name says all but the memory."""
    return tuple(id for id in known if wanted and {word for word in words(id) if not _MEMORY.fullmatch(word)} == wanted)


@cache
def _aliases(kind: str) -> Mapping[str, Sequence[str]]:
    aliases: Mapping[str, Sequence[str]] = table.load("aliases.yaml")[kind]
    return aliases
