"""Where every value of a document stands. Built only when a finding has to be shown; 32 bytes a value."""

from array import array
from collections.abc import Iterator
from typing import Any

import yaml

from generator.core.finding import Path
from generator.core.frozen import frozen
from generator.load.events import events

_WIDTH = 8  # key line, column, end column; value line, column, end line, end column; values in the subtree


@frozen
class Span:
    """A value and its key, 0-based; the key's line is -1 where there is none. `exact` is False for an ancestor."""

    key_line: int
    key_column: int
    key_end: int
    line: int
    column: int
    end_line: int
    end_column: int
    exact: bool


class Positions:
    """Positions of all values in document order, with the size of each subtree, so that siblings are found by jumps."""

    def __init__(self, text: str) -> None:
        self._rows = array("i")
        self._steps: list[str | int | None] = []
        self._anchors: dict[str, int] = {}
        self._targets: dict[int, int] = {}
        self._children: dict[int, dict[str | int | None, int]] = {}
        stream = events(text)
        for event in stream:
            if type(event) is yaml.DocumentStartEvent:
                self._add(next(stream), None, None, stream)
                return

    def find(self, path: Path) -> Span:
        """The span of a path, or of its nearest ancestor that exists."""
        index, exact = 0, True
        for step in path:
            below = self._below(index)
            if step not in below:
                exact = False
                break
            index = below[step]
        key_line, key_column, key_end, line, column, end_line, end_column = self._rows[
            index * _WIDTH : index * _WIDTH + 7
        ]
        return Span(key_line, key_column, key_end, line, column, end_line, end_column, exact)

    def _below(self, index: int) -> dict[str | int | None, int]:
        index = self._targets.get(index, index)
        if index not in self._children:
            children: dict[str | int | None, int] = {}
            child, end = index + 1, index + self._rows[index * _WIDTH + 7]
            while child < end:
                children.setdefault(self._steps[child], child)
                child += self._rows[child * _WIDTH + 7]
            self._children[index] = children
        return self._children[index]

    def _add(self, event: Any, step: str | int | None, key: Any, stream: Iterator[Any]) -> None:
        index = len(self._steps)
        self._steps.append(step)
        start, kind = event.start_mark, type(event)
        key_end = key.end_mark.column if key and key.end_mark.line == key.start_mark.line else 0
        place = (key.start_mark.line, key.start_mark.column, key_end) if key else (-1, 0, 0)
        self._rows.extend((*place, start.line, start.column, start.line, start.column, 1))
        if kind is yaml.AliasEvent:
            self._targets[index] = self._anchors.get(event.anchor, index)
        elif event.anchor:
            self._anchors[event.anchor] = index
        if kind is yaml.MappingStartEvent:
            event = self._add_entries(stream)
        elif kind is yaml.SequenceStartEvent:
            event = self._add_items(stream)
        row = index * _WIDTH
        self._rows[row + 5], self._rows[row + 6] = event.end_mark.line, event.end_mark.column
        self._rows[row + 7] = len(self._steps) - index

    def _add_entries(self, stream: Iterator[Any]) -> Any:
        while type(key := next(stream)) is not yaml.MappingEndEvent:
            if type(key) is yaml.ScalarEvent:
                self._add(next(stream), key.value, key, stream)
            else:
                self._add(key, None, None, stream)
                self._add(next(stream), None, None, stream)
        return key

    def _add_items(self, stream: Iterator[Any]) -> Any:
        number = 0
        while type(item := next(stream)) is not yaml.SequenceEndEvent:
            self._add(item, number, None, stream)
            number += 1
        return item
