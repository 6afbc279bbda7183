"""Holds that a frozen class is what `dataclass(frozen=True, slots=True)` would have made of it."""

from collections.abc import Callable, Mapping
from dataclasses import FrozenInstanceError, asdict, dataclass, field, fields, replace
from typing import Any

import pytest

from generator.core.frozen import frozen
from generator.core.lazy import lazy


def pool(decorator: Callable[[type[Any]], type[Any]]) -> type[Any]:
    @decorator
    class Pool:
        """Nodes of one kind."""

        name: str
        gpu: str = "l4"
        labels: Mapping[str, str] = field(default_factory=dict)

        @property
        def title(self) -> str:
            return f"{self.name} ({self.gpu})"

    return Pool


ours = pool(frozen)
theirs = pool(dataclass(frozen=True, slots=True))


@pytest.mark.parametrize(
    "ask",
    [
        lambda kind: repr(kind("a", labels={"x": "y"})),
        lambda kind: repr(replace(kind("a", "h100"), name="b")),
        lambda kind: asdict(kind("a")),
        lambda kind: [item.name for item in fields(kind)],
        lambda kind: (kind.__doc__, kind.__slots__, kind.__match_args__),
        lambda kind: kind("a").title,
        lambda kind: kind("a", "l4", {}) == kind("a"),
        lambda kind: kind("a") == kind("b"),
        lambda kind: kind("a") == ("a", "l4", {}),
        lambda kind: len({kind("a", labels=None), kind("a", labels=None), kind("b", labels=None)}),
        lambda kind: kind("a").labels is kind("a").labels,
    ],
)
def test_it_is_a_dataclass(ask: Callable[[type[Any]], Any]) -> None:
    assert ask(ours) == ask(theirs)


@pytest.mark.parametrize(
    "wrong",
    [
        lambda kind: kind(),
        lambda kind: kind("a", "b", {}, "d"),
        lambda kind: kind("a", colour="red"),
        lambda kind: setattr(kind("a"), "name", "b"),
        lambda kind: delattr(kind("a"), "name"),
        lambda kind: hash(kind("a")),
    ],
)
def test_it_refuses_what_a_dataclass_refuses(wrong: Callable[[type[Any]], Any]) -> None:
    for kind in (ours, theirs):
        with pytest.raises((TypeError, FrozenInstanceError)):
            wrong(kind)


def test_a_class_of_one_field_compares_by_it() -> None:
    @frozen
    class One:
        """One field."""

        only: str

    assert One("a") == One("a") != One("b")
    assert hash(One("a")) == hash(One("a"))


def test_what_is_computed_once_has_its_place() -> None:
    @frozen
    class Square:
        """Its area is asked for more than once."""

        side: int = 2

        @lazy
        def area(self) -> list[int]:
            return [self.side**2]

    square = Square()
    assert square.area is square.area
    assert (square, replace(square, side=3).area) == (Square(), [9])
    with pytest.raises(FrozenInstanceError):
        square.side = 3  # type: ignore[misc]


def test_what_is_not_compared_is_itself_alone() -> None:
    @frozen(eq=False)
    class Step:
        """Made once."""

        data: list[int]

    step = Step([1])
    assert step == step != Step([1])  # noqa: PLR0124 - equal to itself
    assert hash(step) == hash(step)


def test_another_class_is_never_equal() -> None:
    assert pool(frozen)("a") != ours("a")
