"""A document as it was written, as a tree: every value, key, alias, anchor and tag with its place, nothing resolved."""

from collections.abc import Collection, Iterator
from typing import Any

import yaml

from generator.load.events import events

Place = tuple[int, int]
"""Line and column, 0-based."""


class Node:
    """A value as it was written. `items` are a list's values, `entries` a mapping's keys and values."""

    __slots__ = ("alias", "anchor", "end", "entries", "items", "plain", "start", "tag", "value")

    def __init__(self, event: Any) -> None:
        self.start: Place = (event.start_mark.line, event.start_mark.column)
        self.end: Place = (event.end_mark.line, event.end_mark.column)
        self.anchor: str | None = event.anchor
        self.alias = type(event) is yaml.AliasEvent
        self.tag: str | None = getattr(event, "tag", None)
        self.value: str | None = event.value if type(event) is yaml.ScalarEvent else None
        self.plain: bool = self.value is not None and event.implicit[0]
        self.items: list[Node] | None = [] if type(event) is yaml.SequenceStartEvent else None
        self.entries: list[tuple[Node, Node]] | None = [] if type(event) is yaml.MappingStartEvent else None

    def names(self, keys: Collection[str]) -> Iterator[str]:
        """The texts under some keys, in any spelling of capitals."""
        for key, value in self.entries or ():
            if (key.value or "").lower() in keys and value.value:
                yield value.value

    @property
    def keys(self) -> set[str]:
        """The keys that are texts."""
        return {key.value for key, _ in self.entries or () if key.value is not None}


class Tree:
    """The documents of a text. `whole` is False where the text stops to be YAML; `deepest` levels are read at most."""

    def __init__(self, text: str, deepest: int = 100) -> None:
        self.roots: list[Node] = []
        self.anchors: dict[str, Node] = {}
        self.scalars: list[Node] = []
        self.whole = True
        self._open: list[tuple[Node, list[Node]]] = []
        try:
            for event in events(text):
                self._take(event)
                if len(self._open) > deepest:
                    self.whole = False
                    return
        except yaml.YAMLError:
            self.whole = False

    def _take(self, event: Any) -> None:
        kind = type(event)
        if kind in (yaml.MappingEndEvent, yaml.SequenceEndEvent):
            node, below = self._open.pop()
            node.end = (event.end_mark.line, event.end_mark.column)
            if node.entries is not None:
                node.entries = list(zip(below[::2], below[1::2], strict=True))
            else:
                node.items = below
            self._place(node)
        elif kind in (yaml.MappingStartEvent, yaml.SequenceStartEvent):
            self._open.append((self._named(Node(event)), []))
        elif kind in (yaml.ScalarEvent, yaml.AliasEvent):
            node = self._named(Node(event))
            self.scalars.append(node)
            self._place(node)

    def _named(self, node: Node) -> Node:
        if node.anchor and not node.alias:
            self.anchors[node.anchor] = node
        return node

    def _place(self, node: Node) -> None:
        if self._open:
            self._open[-1][1].append(node)
        else:
            self.roots.append(node)
