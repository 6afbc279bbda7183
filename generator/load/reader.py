"""Builds plain data from YAML events, without nodes in between: a spec of 10,000 placements loads in about a second."""

import sys
from collections.abc import Iterator
from math import isfinite
from typing import Any

import yaml

from generator.core.finding import Path
from generator.core.frozen import frozen
from generator.load import syntax
from generator.load.events import events
from generator.load.scalars import resolve
from generator.load.syntax import Problem


@frozen
class Limits:
    """How much of a file is read: bytes, levels, and values that aliases may stand for."""

    size: int = 8 * 1024 * 1024
    depth: int = 64
    aliased: int = 10_000


@frozen
class _Anchor:
    """A value that aliases may repeat: how many values it holds, on how many levels."""

    value: Any
    size: int
    height: int


class _StopError(Exception):
    """Nothing further can be read; the problem is noted."""


class Reader:
    """Reads one text. Afterwards `problems` and `duplicates` (path and event of the repeated key) are filled."""

    def __init__(self, text: str, limits: Limits) -> None:
        self.problems: list[Problem] = []
        self.duplicates: list[tuple[Path, Any]] = []
        self._text = text
        self._limits = limits
        self._stream: Iterator[Any] = iter(())
        self._path: list[str | int] = []
        self._anchors: dict[str, _Anchor] = {}
        self._size = 0  # values read so far, aliases expanded
        self._aliased = 0
        self._depth = 0
        self._deepest = 0

    def read(self) -> dict[str, Any] | None:
        """The root mapping, or None when a problem leaves nothing to work with."""
        try:
            self._stream = events(self._text)
            return self._root()
        except yaml.YAMLError as error:
            self.problems.append(syntax.broken(self._text, error))
        except _StopError:
            pass
        return None

    def _root(self) -> dict[str, Any] | None:
        next(self._stream)
        if type(next(self._stream)) is yaml.StreamEndEvent:
            self.problems.append(syntax.empty())
            return None
        first = next(self._stream)
        data = self._value(first)
        next(self._stream)
        another = next(self._stream)
        if type(another) is not yaml.StreamEndEvent:
            self.problems.append(syntax.several_documents(another))
        if not isinstance(data, dict):
            self.problems.append(syntax.empty() if data is None else syntax.no_mapping(data, first))
            return None
        return data

    def _value(self, event: Any) -> Any:
        kind = type(event)
        self._size += 1
        if kind is yaml.ScalarEvent and not event.anchor and not event.tag:
            return self._scalar(event) if event.implicit[0] else event.value
        if kind is yaml.AliasEvent:
            return self._alias(event)
        return self._node(event, kind)

    def _scalar(self, event: Any) -> Any:
        value = resolve(event.value)
        if type(value) is float and not isfinite(value):
            self.problems.append(syntax.not_finite(tuple(self._path), event))
            return event.value
        return value

    def _node(self, event: Any, kind: type) -> Any:
        """A collection, or a scalar with a tag or an anchor."""
        before, deepest = self._size - 1, self._deepest
        self._deepest = self._depth
        if event.tag:
            self.problems.append(syntax.tag(tuple(self._path), event))
        if kind is yaml.ScalarEvent:
            value = self._scalar(event) if event.implicit[0] else event.value
        else:
            self._enter(event, 1)
            value = self._mapping() if kind is yaml.MappingStartEvent else self._sequence()
            self._depth -= 1
        if event.anchor:
            self._anchors[event.anchor] = _Anchor(value, self._size - before, self._deepest - self._depth)
        self._deepest = max(deepest, self._deepest)
        return value

    def _enter(self, event: Any, levels: int) -> None:
        self._depth += 1
        self._deepest = max(self._deepest, self._depth + levels - 1)
        if self._deepest > self._limits.depth:
            self._stop(syntax.too_deep(event, self._limits.depth))

    def _mapping(self) -> dict[str, Any]:
        result: dict[str, Any] = {}
        stream, path = self._stream, self._path
        while type(key := next(stream)) is not yaml.MappingEndEvent:
            name = self._key(key)
            path.append(name or "")
            event = next(stream)
            # Most values are plain scalars: a call less for each halves the time of a large spec.
            if type(event) is yaml.ScalarEvent and event.anchor is None and event.tag is None:
                self._size += 1
                value = self._scalar(event) if event.implicit[0] else event.value
            else:
                value = self._value(event)
            if name is not None:
                if name in result:
                    self.duplicates.append((tuple(path), key))
                else:
                    result[name] = value
            path.pop()
        return result

    def _key(self, event: Any) -> str | None:
        """The name, always as text; None when the entry is a mistake that its problem tells."""
        if type(event) is not yaml.ScalarEvent:
            self.problems.append(syntax.key_not_text(tuple(self._path), event))
            self._value(event)
            return None
        if event.value == "<<" and event.implicit[0]:
            self.problems.append(syntax.merge_key(tuple(self._path), event))
            return None
        if event.value[:1].isspace() and event.implicit[0]:
            self._stop(syntax.odd_space(event))
        return sys.intern(event.value)

    def _sequence(self) -> list[Any]:
        result: list[Any] = []
        while type(item := next(self._stream)) is not yaml.SequenceEndEvent:
            self._path.append(len(result))
            result.append(self._value(item))
            self._path.pop()
        return result

    def _alias(self, event: Any) -> Any:
        anchor = self._anchors.get(event.anchor)
        if anchor is None:
            self._stop(syntax.unknown_alias(event))
            return None
        self._aliased += anchor.size
        self._size += anchor.size - 1
        if self._aliased > self._limits.aliased:
            self._stop(syntax.aliases_explode(event, self._aliased, self._limits.aliased))
        if anchor.height:
            self._enter(event, anchor.height)
            self._depth -= 1
        return anchor.value

    def _stop(self, problem: Problem) -> None:
        self.problems.append(problem)
        raise _StopError
