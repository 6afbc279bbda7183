"""What is done only when it is first asked for: an import that a registry names, a value of an object."""

from collections.abc import Callable
from importlib import import_module
from typing import Any, Generic, TypeVar, overload

Owner = TypeVar("Owner")
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
