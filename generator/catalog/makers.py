"""Accelerators that are none of the catalogue's GPUs, told by their names: other makers', and NVIDIA's older cards."""

import re
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from typing import Any

from generator.catalog import names, table

_NUMBER = re.compile(r"\d+")
_FORM = re.compile(r"\d+gi?b|pcie|sxm\d?")


@cache
def maker(name: str) -> str:
    """Who else than NVIDIA makes the accelerator that goes by this name; empty where that cannot be told."""
    plain = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if re.search(r"\b(nvidia|geforce|quadro|tesla|rtx|gtx)\b", plain):
        return ""
    makers = _read()["makers"]["names"]
    return next((who for who, patterns in makers.items() if any(re.search(each, plain) for each in patterns)), "")


@cache
def older(name: str) -> tuple[str, float] | None:
    """An older card of NVIDIA that goes by this name, and its compute capability; none where no such card does."""
    wanted = {word for word in names.words(name) if not _FORM.fullmatch(word)}
    called = (wanted, wanted | {"gtx"})
    return next(
        ((id, float(size)) for id, size in _read()["older"]["cards"].items() if names.words(id) in called), None
    )


def machine(cloud: str, type_: str) -> tuple[str, str]:
    """Maker of the accelerators and architecture of the CPUs of a rented machine; empty for what is as usual."""
    rows = _read()["machines"].get(cloud, {})
    row: Mapping[str, str] = next((row for pattern, row in rows.items() if re.search(pattern, type_)), {})
    return row.get("maker", ""), row.get("architecture", "")


def near_gpus(name: str, ids: Iterable[str]) -> tuple[str, ...]:
    """The GPUs that a misspelt name may mean: its numbers are theirs but for one slip of the hand.

    None is of another maker than the name tells, and an older card is meant as it stands.
    """
    if older(name):
        return ()
    alike = [id for id in ids if maker(id) == maker(name)]
    return tuple(id for id in names.near(name, alike) if _slips(_NUMBER.findall(name), _NUMBER.findall(id)))


def _slips(left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether lists of numbers differ in one digit behind the first, in one too many, or in two that changed places."""
    pairs = [(one, other) for one, other in zip(left, right, strict=False) if one != other]
    if len(left) != len(right) or len(pairs) > 1:
        return False
    return not pairs or _slip(*pairs[0])


def _slip(one: str, other: str) -> bool:
    if sorted(one) == sorted(other):
        return sum(a != b for a, b in zip(one, other, strict=True)) == 2
    if len(one) == len(other):
        return one[0] == other[0] and sum(a != b for a, b in zip(one, other, strict=True)) == 1
    short, long = sorted((one, other), key=len)
    return len(long) - len(short) == 1 and any(long[:at] + long[at + 1 :] == short for at in range(len(long)))


@cache
def _read() -> Any:
    return table.load("makers.yaml")
