"""What of a file is never shown: the spans of values that are or may be secrets, known from the parse.

Everything that prints a part of a spec asks here: `line` for a line of the file, `words` for what findings say. A value
is hidden by the place it stands at (a field for secrets, a key that nobody knows), by the name before it (a free map's
key, Kubernetes' `name` and `value`, an option of a command line) or by its form. An alias hides the anchor's place too.
"""

import re
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property

from generator.core.words import nearest
from generator.load import broken, secrets
from generator.load.events import LINE_END
from generator.load.shapes import UNKNOWN, Json, fleet_shapes
from generator.load.tree import Node, Place, Tree

_END = 1 << 30
_TELLING = 12  # shorter texts under keys that nobody knows are no reason to change words
# A word that stands in the open elsewhere, too: `api-key: vllm`.
_ORDINARY = re.compile(r"[A-Za-z]+(?:[-_. ][A-Za-z]+)*|.{1,3}")
_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OBJECT = re.compile(r"[A-Za-z0-9]([\w.-]*[A-Za-z0-9])?")
_SMALL_NAME = re.compile(r"[a-z0-9]([-a-z0-9._/]*[a-z0-9])?")
_YAML_TAG = "tag:yaml.org,2002:"
_HEAD = re.compile(r"(?:[&!]\S*\s*)+")
_OPTION = re.compile(r"--?[A-Za-z][\w.-]*")
# How a reference to a secret is written, here and in Kubernetes, and what stands beside a key that is none.
_HOLDERS = frozenset({"secretKeyRef", "configMapKeyRef", "secretRef"})
_OF_REFERENCES = ("env", "secret", "name", "key", "value", "valueFrom", "secretKeyRef", "secretName", "optional")
_OF_LABELS = frozenset({"operator", "effect", "path", "topologyKey", "values", "mode", "tolerationSeconds"})
_NAMES = ("name", "key", "header", "headername", "variable", "var", "env", "option", "flag", "field", "id", "arg")
_VALUES = ("value", "val", "default", "data", "content", "text", "literal", "stringvalue", "with")


class Hidden:
    """The hidden spans of one text, computed once; `texts` are the values that stand in them."""

    def __init__(self, text: str) -> None:
        self._lines = LINE_END.split(text)
        self._spans: dict[int, list[secrets.Part]] = defaultdict(list)
        self._texts: set[str] = set()
        self._open: set[str] = set()
        self._seen: set[tuple[int, int, bool]] = set()
        self._shapes = fleet_shapes()
        self._tree = Tree(text)
        for root in self._tree.roots:
            self._value(root, self._shapes.at(()), hide=False)

    def line(self, number: int) -> str:
        """A line as it may be shown: hidden spans as stars, nothing behind the `#` of a comment."""
        line = self._lines[number].rstrip() if number < len(self._lines) else ""
        if not self._tree.whole:
            return broken.shown(self._lines, number)
        found = [(start, min(end, len(line))) for start, end in self._spans.get(number, ())]
        found += self.words.repeated(line)
        return secrets.starred(line, secrets.merged(found))[: self._comment(number, line)].rstrip()

    @cached_property
    def texts(self) -> set[str]:
        """The texts that stand in hidden spans."""
        return {text for text in self._texts if text not in self._open or not _ORDINARY.fullmatch(text)}

    @cached_property
    def words(self) -> secrets.Words:
        """What hides those texts in words."""
        return secrets.words(self.texts)

    def words_at(self, number: int) -> secrets.Words:
        """The same for what is said of a line: where the text is no YAML, with what is hidden in the line."""
        if self._tree.whole or number >= len(self._lines):
            return self.words
        return secrets.words(self.texts | broken.hidden(self._lines, number))

    @cached_property
    def _by_line(self) -> dict[int, list[secrets.Part]]:
        """Where scalars stand in lines with a `#`, which may be a part of them."""
        result: dict[int, list[secrets.Part]] = defaultdict(list)
        for node in self._tree.scalars:
            for number, start, end in self._rows(node.start, node.end):
                if "#" in self._lines[number]:
                    result[number].append((start, end))
        return result

    def _comment(self, number: int, line: str) -> int:
        """The column behind the `#` that begins a comment; the line's end without one."""
        scalars = self._by_line.get(number, ())
        for match in re.finditer(r"(?:^|(?<=\s))#", line):
            if not any(start <= match.start() < end for start, end in scalars):
                return match.end()
        return len(line)

    def _rows(self, start: Place, end: Place) -> Iterable[tuple[int, int, int]]:
        for number in range(start[0], min(end[0], len(self._lines) - 1) + 1):
            indent = len(self._lines[number]) - len(self._lines[number].lstrip())
            first = start[1] if number == start[0] else indent
            last = end[1] if number == end[0] else _END
            if first < last:
                yield number, first, last

    def _cover(self, start: Place, end: Place, *texts: str | None) -> None:
        for number, first, last in self._rows(start, end):
            self._spans[number].append((first, last))
        self._texts.update(text for text in texts if text)

    def _value(self, node: Node, shape: Json, *, hide: bool) -> None:
        """Look at a value that stands where the schema wants `shape`; `hide` when it is a secret by its name."""
        hide = hide or self._shapes.is_secret(shape) or self._shapes.maps_secrets(shape)
        if (key := (id(node), id(shape), hide)) in self._seen:
            return
        self._seen.add(key)
        if hide or shape is UNKNOWN or (node.entries is None and self._mistaken(shape, "")):
            self._head(node)
        if node.alias:
            self._alias(node, shape, hide=hide)
        elif node.value is not None:
            self._scalar(node, node.value, shape, hide=hide)
        else:
            self._mapping(node, shape, hide=hide and not self._shapes.maps_secrets(shape))
            self._items(node, shape, hide=hide)

    def _head(self, node: Node) -> None:
        """Hide the anchor and the tag of a value, which may be a pasted secret that begins with `&` or `!`."""
        line, column = node.start
        head = _HEAD.match(self._lines[line], column)
        tag = None if (node.tag or "").startswith(_YAML_TAG) else node.tag
        if head and ((node.anchor and not node.alias) or tag):
            written = [part for part in head[0].split() if not part.startswith("!!")]
            self._cover(node.start, (line, head.end()), node.anchor, tag, *written)

    def _alias(self, node: Node, shape: Json, *, hide: bool) -> None:
        target = self._tree.anchors.get(node.anchor or "")
        if target is None:
            # No alias then, but perhaps a text that begins with a star.
            self._scalar(node, f"*{node.anchor}", shape, hide=hide)
            self._texts.update({f"*{node.anchor}"} if self._covers(node.start) else ())
            return
        if hide:
            self._cover(node.start, node.end)
        self._value(target, shape, hide=hide)

    def _covers(self, place: Place) -> bool:
        return any(start <= place[1] < end for start, end in self._spans.get(place[0], ()))

    def _scalar(self, node: Node, value: str, shape: Json, *, hide: bool) -> None:
        constant = node.plain and secrets.is_harmless(value)
        if hide or self._mistaken(shape, value):
            if constant or secrets.is_reference(value) or not value.strip():
                return
            raw = self._lines[node.start[0]][node.start[1] : node.end[1]] if node.start[0] == node.end[0] else ""
            self._cover(node.start, node.end, value, raw)
        elif shape is UNKNOWN and not (constant or secrets.is_quantity(value) or _OPTION.fullmatch(value)):
            self._cover(node.start, node.end, value if len(value) >= _TELLING else None)
        else:
            self._parts(node, value)

    def _mistaken(self, shape: Json, text: str) -> bool:
        """Whether a text may be the secret of the object in whose place it stands: `gold: ...` of tenants."""
        if shape.get("type") == "object" and "properties" not in shape:
            return True
        properties = [self._shapes.followed(below) for below in shape.get("properties", {}).values()]
        if not any(map(self._shapes.is_secret, properties)):
            return False
        first = properties[0]
        return not nearest(text, first["enum"]) if "enum" in first else first.get("type") != "string"

    def _parts(self, node: Node, value: str) -> None:
        """Hide what has the form of a secret; all of the scalar where its characters stand there in another form."""
        found = secrets.parts(value)
        if not found:
            self._open.add(value)
            return
        line, column = node.start
        raw = self._lines[line][column : node.end[1]] if line == node.end[0] else ""
        at = raw.find(value)
        if at < 0:
            self._cover(node.start, node.end, value)
        for start, end in found if at >= 0 else ():
            self._cover((line, column + at + start), (line, column + at + end), value[start:end])

    def _items(self, node: Node, shape: Json, *, hide: bool) -> None:
        below = self._shapes.item(shape)
        after_option = False
        for item in node.items or ():
            self._value(item, below, hide=hide or after_option)
            after_option = item.value is not None and secrets.flag_of_secret(item.value)

    def _mapping(self, node: Node, shape: Json, *, hide: bool) -> None:
        for key, value in node.entries or ():
            if key.value is None:
                self._value(key, UNKNOWN, hide=hide)
                self._value(value, UNKNOWN, hide=hide)
            elif key.value == "<<":
                self._value(value, shape, hide=hide)
            elif hide or (shape is UNKNOWN and node.keys in ({"env"}, {"secret"})):
                self._of_reference(node, key, value, shape)
            else:
                if shape is UNKNOWN and value.value == "":
                    self._cover(key.start, key.end, key.value)
                self._parts(key, key.value)
                below, declared = self._shapes.below(shape, key.value)
                named = self._named(node, key.value, value, below, declared=declared)
                self._value(value, below, hide=named)

    def _named(self, node: Node, key: str, value: Node, below: Json, *, declared: bool) -> bool:
        """Whether the name before a value says that it is a secret."""
        text = value.value
        if key.lower() in _VALUES and any(map(secrets.may_name_secret, node.names(_NAMES))):
            return True
        if declared:
            text = f"*{value.anchor}" if value.alias else text
            return text is not None and secrets.names_secret(key) and not _SMALL_NAME.fullmatch(text)
        if self._shapes.is_structure(below) and self._is_nested(value):
            return False
        if key in _HOLDERS and text is None:
            return True
        if not secrets.may_name_secret(key) or (key == "key" and node.keys & _OF_LABELS):
            return False
        return not (text and key.endswith("s") and secrets.is_quantity(text))

    def _is_nested(self, node: Node) -> bool:
        """Whether this is an entry with keys, or a list of such."""
        if node.alias:
            node = self._tree.anchors.get(node.anchor or "", node)
        return node.entries is not None or (node.items is not None and all(item.value is None for item in node.items))

    def _of_reference(self, node: Node, key: Node, value: Node, shape: Json) -> None:
        """An entry of a mapping in a secret's place: references stay, all else goes, also a key that is none."""
        name, text = key.value or "", value.value
        own = self._shapes.is_secret(shape)
        shows = (
            (name == "env" and _matches(_VARIABLE, text))
            or (name == "name" and not own and _matches(_OBJECT, text))
            or (name == "key" and not own and "name" in node.keys and _matches(_OBJECT, text))
            or (name in ("secretName", "optional") and _matches(_OBJECT, text))
        )
        if shows:
            self._parts(value, text or "")
            return
        if name not in _OF_REFERENCES and (text == "" or not nearest(name, _OF_REFERENCES)):
            self._cover(key.start, key.end, name)
        below, _ = self._shapes.below(shape, name)
        self._value(value, below, hide=True)


def _matches(form: re.Pattern[str], text: str | None) -> bool:
    return text is not None and form.fullmatch(text) is not None
