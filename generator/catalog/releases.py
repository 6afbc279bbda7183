"""A version of an engine that the catalogue does not have, with the facts of the nearest one that it has."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

from generator.catalog.engines import order
from generator.catalog.facts import EngineFacts, EngineVersion

Fact = TypeVar("Fact")
Range = tuple[float, float]
_NUMBER = re.compile(r"[0-9]+(\.[0-9]+)+(\.?(a|b|rc|post|dev)[0-9]+)?([-+][A-Za-z0-9.+-]+)?")


def release(engine: EngineFacts, version: str) -> EngineVersion | None:
    """The facts of a version; those of the nearest known one where it is not known. None: it is not a number.

    Between two known versions `flags` and `variables` are what both have, `maybe` the arguments that one of them has,
    and a format of weights counts that either runs, and a type that either computes it in. Whom the image runs as
    follows from the older one.
    """
    if version in engine.versions:
        return engine.versions[version]
    if not _NUMBER.fullmatch(version):
        return None
    older, newer = neighbours(engine, version)
    near = [engine.versions[known] for known in (older, newer) if known]
    near.sort(key=lambda fact: _distance(fact.version, version))
    nearest, other = near[0], near[-1]
    image = engine.versions[older] if older else nearest
    return replace(
        nearest,
        version=version,
        like=nearest.version,
        tag=nearest.tag.replace(nearest.version, version),
        flags={name: kind for name, kind in nearest.flags.items() if name in other.flags},
        maybe=_one_of(nearest.flags, other.flags),
        quantizations={**other.quantizations, **nearest.quantizations},
        min_capability=_least(nearest.min_capability, other.min_capability),
        variables=nearest.variables & other.variables,
        activations={
            word: _either(nearest.activations.get(word, {}), other.activations.get(word, {}))
            for word in {*nearest.activations, *other.activations}
        },
        float16_refused=nearest.float16_refused & other.float16_refused,
        positions=tuple(dict.fromkeys((*nearest.positions, *other.positions))),
        user=image.user,
        group=image.group,
        home=image.home,
        cuda=image.cuda,
        driver=image.driver,
        architectures=image.architectures,
        older_driver=image.older_driver,
        older_variable=image.older_variable,
    )


def neighbours(
    engine: EngineFacts, version: str, has: Callable[[EngineVersion], bool] = lambda _: True
) -> tuple[str, str]:
    """The nearest older and the nearest newer known version that has something; empty where none has."""
    here = order(version)
    older = (known for known in engine.versions if order(known) <= here and has(engine.versions[known]))
    newer = (known for known in reversed(list(engine.versions)) if order(known) > here and has(engine.versions[known]))
    return next(older, ""), next(newer, "")


def _distance(known: str, version: str) -> tuple[int, ...]:
    """How far apart two versions are, number by number."""
    here, there = order(version), order(known)
    length = max(len(here), len(there))
    padded = ((*numbers, *(0,) * (length - len(numbers))) for numbers in (here, there))
    return tuple(abs(one - other) for one, other in zip(*padded, strict=True))


def _either(one: Mapping[str, Range], other: Mapping[str, Range]) -> dict[str, Range]:
    """The wider range of two tables, by name."""
    both = {**other, **one}
    return {
        name: (
            min(one.get(name, both[name])[0], other.get(name, both[name])[0]),
            max(one.get(name, both[name])[1], other.get(name, both[name])[1]),
        )
        for name in both
    }


def _one_of(one: Mapping[str, Fact], other: Mapping[str, Fact]) -> dict[str, Fact]:
    return {name: {**other, **one}[name] for name in sorted(one.keys() ^ other.keys())}


def _least(one: Mapping[str, float], other: Mapping[str, float]) -> dict[str, float]:
    """The smaller number of two tables, by name; of what one alone has, its own."""
    both = {**other, **one}
    return {name: min(one.get(name, least), other.get(name, least)) for name, least in both.items()}
