"""What is done once: an import that a registry names, a value of an object, what a function says of it, a list."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import wraps
from importlib import import_module
from operator import is_
from typing import Any, Generic, TypeVar, TypeVarTuple, overload

Owner = TypeVar("Owner")
Value = TypeVar("Value")
Subjects = TypeVarTuple("Subjects")


def load(reference: str) -> Any:
    """The object behind `module:attribute`."""
    module, _, attribute = reference.partition(":")
    return getattr(import_module(module), attribute)


class lazy(Generic[Owner, Value]):  # noqa: N801 - reads like a decorator
    """A property that is computed once. That of the standard library takes a lock each time before Python 3.12."""

    def __init__(self, compute: Callable[[Owner], Value]) -> None:
        self._compute = compute
        self.__doc__ = compute.__doc__

    @overload
    def __get__(self, owner: None, kind: type[Owner]) -> "lazy[Owner, Value]": ...
    @overload
    def __get__(self, owner: Owner, kind: type[Owner]) -> Value: ...
    def __get__(self, owner: Owner | None, kind: type[Owner]) -> "lazy[Owner, Value] | Value":
        if owner is None:
            return self
        value = self._compute(owner)
        vars(owner)[self._compute.__name__] = value
        return value


class Later(Sequence[Value]):
    """Values that are made when somebody first looks at them."""

    def __init__(self, make: Callable[[], Iterable[Value]]) -> None:
        self._make = make

    @lazy
    def _made(self) -> tuple[Value, ...]:
        return tuple(self._make())

    @overload
    def __getitem__(self, index: int) -> Value: ...
    @overload
    def __getitem__(self, index: slice) -> tuple[Value, ...]: ...
    def __getitem__(self, index: int | slice) -> Value | tuple[Value, ...]:
        return self._made[index]

    def __iter__(self) -> Iterator[Value]:
        return iter(self._made)

    def __len__(self) -> int:
        return len(self._made)

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Sequence) and self._made == tuple(other)

    def __hash__(self) -> int:
        return hash(self._made)


def kept(function: Callable[[*Subjects], Iterable[Value]]) -> Callable[[*Subjects], tuple[Value, ...]]:
    """A function that keeps its last answer while it is asked about the very same objects, which nobody changes."""
    last: tuple[tuple[*Subjects], tuple[Value, ...]] | None = None

    @wraps(function)
    def answer(*subjects: *Subjects) -> tuple[Value, ...]:
        nonlocal last
        if last is None or not all(map(is_, last[0], subjects)):
            last = subjects, tuple(function(*subjects))
        return last[1]

    return answer
