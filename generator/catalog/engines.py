"""Engines: what holds for all versions stands in one file, what one version can do in another, read when needed."""

import json
import re
from collections.abc import Iterator, Mapping
from math import inf
from typing import Any

from generator import resources
from generator.catalog.facts import ArgumentChange, EngineFacts, EngineVersion
from generator.catalog.rope import PositionRules
from generator.catalog.table import entry, load, parse

_ENGINES = "engines"


class Versions(Mapping[str, EngineVersion]):
    """The versions of an engine, newest first: a file each, `<version>.json` where it is made and YAML where written.

    `images` says `since` which version the image is built how, `rope` which fields scale positions.
    """

    def __init__(self, name: str, images: Mapping[str, Any], rope: Mapping[str, Any]) -> None:
        files = (
            path for path in (resources.catalog() / _ENGINES / name).iterdir() if path.suffix in {".json", ".yaml"}
        )
        self._files = {path.stem: path for path in sorted(files, key=lambda path: order(path.stem), reverse=True)}
        self._name, self._images, self._rope = name, images, rope
        self._read: dict[str, EngineVersion] = {}

    def __getitem__(self, version: str) -> EngineVersion:
        if version not in self._read:
            path = self._files[version]
            text = path.read_text(encoding="utf-8")
            row = json.loads(text) if path.suffix == ".json" else parse(text)
            with entry(f"{_ENGINES}/{self._name}/{path.name}"):
                self._read[version] = _version(
                    self._name,
                    version,
                    row,
                    _since(self._images, version),
                    tuple(_since(self._rope, version).get("fields", ())),
                )
        return self._read[version]

    def __contains__(self, version: object) -> bool:
        return version in self._files

    def __iter__(self) -> Iterator[str]:
        return iter(self._files)

    def __len__(self) -> int:
        return len(self._files)


def _since(table: Mapping[str, Any], version: str) -> Mapping[str, Any]:
    """What a table says `since` the nearest version before this one, with its source."""
    known = table.get("since", {})
    since = [first for first in known if order(first) <= order(version)]
    return {**known[max(since, key=order)], "source": table["source"]} if since else {}


def known() -> tuple[str, ...]:
    """The names of the engines that the catalogue has."""
    return tuple(sorted(path.stem for path in (resources.catalog() / _ENGINES).glob("*.yaml")))


def order(version: str) -> tuple[int, ...]:
    """A version as numbers, which sort as versions do."""
    return tuple(map(int, re.findall(r"\d+", version)))


def read(name: str) -> EngineFacts:
    """One engine of the catalogue."""
    file = f"{_ENGINES}/{name}.yaml"
    raw = load(file)
    with entry(file):
        return EngineFacts(
            name=name,
            title=raw["title"],
            repository=raw["repository"],
            tasks=frozenset(raw["tasks"]),
            sources=frozenset(raw["sources"]),
            needs_gpu=raw["needsGpu"],
            default_concurrency=raw["defaultConcurrency"],
            features=raw["features"],
            api=raw["api"],
            compiles=raw["compiles"],
            shares_memory=raw["sharesMemory"],
            ended=raw.get("ended", ""),
            versions=Versions(name, raw.get("images", {}), raw.get("rope", {})),
            changes=_changes(raw.get("changes", {})),
            dtypes=raw.get("dtypes", {}).get("leastCapability", {}),
        )


def _changes(raw: Mapping[str, Any]) -> dict[str, ArgumentChange]:
    return {
        argument: ArgumentChange(argument=argument, source=raw["source"], as_of=raw["asOf"], **row)
        for argument, row in raw.get("arguments", {}).items()
    }


def _version(
    engine: str, version: str, row: Mapping[str, Any], image: Mapping[str, Any], rope: tuple[str, ...]
) -> EngineVersion:
    built_for = image.get("minCapability", 0.0)
    least = {word: max(built_for, needed) for word, needed in row["minCapability"].items()}
    return EngineVersion(
        engine=engine,
        version=version,
        tag=row["tag"],
        flags={flag: kind if isinstance(kind, str) else tuple(kind) for flag, kind in row["flags"].items()},
        quantizations=row["quantizations"],
        min_capability={"none": built_for, **least} if built_for else least,
        metrics=row["metrics"],
        source="; ".join(filter(None, (row["source"], image.get("source")))),
        as_of=row["asOf"],
        variables=frozenset(row.get("variables", ())),
        defaults=row.get("defaults", {}),
        user=image.get("user"),
        group=image.get("group"),
        home=image.get("home", ""),
        activations={word: _ranges(types) for word, types in row.get("activations", {}).items()},
        float16_refused=frozenset(row.get("float16Refused", ())),
        positions=(_positions(rope, row["ropeTypes"]),) if rope and "ropeTypes" in row else (),
        cuda=image.get("cuda", ""),
        driver=image.get("driver", 0),
        architectures=tuple(image.get("architectures", ())),
        older_driver=image.get("olderDriver", 0),
        older_variable=image.get("olderVariable", ""),
    )


def _ranges(types: Mapping[str, list[float]]) -> dict[str, tuple[float, float]]:
    return {dtype: (bounds[0], bounds[1] if len(bounds) > 1 else inf) for dtype, bounds in types.items()}


def _positions(fields: tuple[str, ...], types: Mapping[str, list[str]]) -> PositionRules:
    return PositionRules(fields, frozenset(types["unscaled"]), frozenset(types["fromOriginal"]))
