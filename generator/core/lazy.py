"""What is done once: an import that a registry names, a value of an object, what a method says of an object."""

from collections.abc import Callable, Iterable
from functools import wraps
from importlib import import_module
from typing import Any, Generic, TypeVar, overload

Owner = TypeVar("Owner")
Subject = TypeVar("Subject")
Value = TypeVar("Value")


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


def kept(
    method: Callable[[Owner, Subject], Iterable[Value]],
) -> Callable[[Owner, Subject], tuple[Value, ...]]:
    """A method that keeps its last answer while it is asked about the very same object, which nobody changes."""
    last: tuple[Owner, Subject, tuple[Value, ...]] | None = None

    @wraps(method)
    def answer(owner: Owner, subject: Subject) -> tuple[Value, ...]:
        nonlocal last
        if last is None or last[0] is not owner or last[1] is not subject:
            last = owner, subject, tuple(method(owner, subject))
        return last[2]

    return answer
