"""Frozen classes that cost next to nothing to define: a start of `gen` defines two hundred and makes objects of few.

`dataclass(frozen=True, slots=True)` writes and compiles six methods for each as it is defined, a quarter of a start.
"""

from collections.abc import Callable
from dataclasses import MISSING, FrozenInstanceError, dataclass, field, fields
from operator import attrgetter
from typing import Any, TypeVar, dataclass_transform, overload

from generator.core.lazy import lazy

Class = TypeVar("Class", bound=type[Any])


@overload
def frozen(cls: Class, /) -> Class: ...
@overload
def frozen(*, eq: bool) -> Callable[[Class], Class]: ...
@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def frozen(cls: Any = None, /, *, eq: bool = True) -> Any:
    """What `dataclass(frozen=True, slots=True)` makes of a class of plain fields; `replace` and `fields` take it.

    The methods of all classes are alike but for `__init__`, which is compiled when the first object is made.
    """
    return _made(cls, eq=eq) if cls else lambda later: _made(later, eq=eq)


def _made(cls: type[Any], *, eq: bool) -> type[Any]:
    computes = any(isinstance(value, lazy) for value in vars(cls).values())  # which needs a place for what it computed
    made: Any = dataclass(init=False, repr=False, eq=False, slots=not computes)(cls)
    values = attrgetter(*made.__match_args__)

    def first(self: Any, *args: Any, **kwargs: Any) -> None:
        made.__init__ = _init(made)
        made.__init__(self, *args, **kwargs)

    def equal(self: Any, other: object) -> Any:
        return values(self) == values(other) if other.__class__ is made else NotImplemented

    made.__init__, made.__repr__, made.__setattr__, made.__delattr__ = first, _repr, _refuse, _refuse
    if eq:
        made.__eq__, made.__hash__ = equal, lambda self: hash(values(self))
    kind: type[Any] = made
    return kind


def _init(cls: type[Any]) -> Callable[..., None]:
    """The constructor that the fields ask for. A factory's default is made anew for each object."""
    known: dict[str, Any] = {"_set": object.__setattr__, "_MISSING": MISSING}
    parameters, lines = [], []
    for item in fields(cls):
        name = value = item.name
        if item.default_factory is not MISSING:
            known[f"_{name}"] = item.default_factory
            parameters.append(f"{name}=_MISSING")
            value = f"_{name}() if {name} is _MISSING else {name}"
        elif item.default is not MISSING:
            known[f"_{name}"] = item.default
            parameters.append(f"{name}=_{name}")
        else:
            parameters.append(name)
        lines.append(f"    _set(self, {name!r}, {value})\n")
    exec(f"def __init__(self, {', '.join(parameters)}):\n{''.join(lines)}", known)  # noqa: S102 - from names of fields
    init: Callable[..., None] = known["__init__"]
    init.__qualname__ = f"{cls.__qualname__}.__init__"
    return init


def _repr(self: Any) -> str:
    shown = ", ".join(f"{item.name}={getattr(self, item.name)!r}" for item in fields(self))
    return f"{type(self).__qualname__}({shown})"


def _refuse(self: Any, name: str, *_: Any) -> None:
    raise FrozenInstanceError(f"cannot change field {name!r} of {type(self).__qualname__}")
