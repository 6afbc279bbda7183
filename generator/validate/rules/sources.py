"""Weights from one place, an engine for every model, versions that stay."""

import re
from collections.abc import Iterator
from pathlib import PurePosixPath

from generator.core.finding import Finding, Findings, Path, path_text
from generator.core.kinds import containers
from generator.core.kinds import rules as kinds
from generator.core.spec import Fleet, ModelSettings, Source, walk
from generator.validate.words import shown

_REPOSITORY = re.compile(r"[A-Za-z0-9][\w.-]*(/[A-Za-z0-9][\w.-]*)?", re.ASCII)
_FLOATING = frozenset({"latest", "main", "master", "head", "nightly", "stable", "edge", "main-latest", "main-stable"})
_FIXED = {
    "version": "name a version, or leave the key out for the catalogue's newest",
    "revision": "write the commit that the repository lists under `Files and versions` as `History`",
}
"""How a field is fixed, by its name."""


def sources(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """One place in each written source, and a path that stays where it points."""
    for path, settings in walk.settings(fleet):
        if settings.source is None:
            continue
        places = settings.source.places
        if len(places) > 1:
            yield kinds.ONE_SOURCE.at(
                (*path, "source"),
                "weights from more than one place",
                cause=f"`source` has {' and '.join(f'`{name}`' for name in places)}",
                help="keep one of them",
            )
        yield from _paths((*path, "source"), settings.source)


def _paths(path: Path, source: Source) -> Iterator[Finding]:
    if source.huggingface is not None and not _REPOSITORY.fullmatch(source.huggingface):
        near = "/".join([part for part in source.huggingface.split("/") if part][2:4])
        example = near if "://" in source.huggingface and _REPOSITORY.fullmatch(near) else "Qwen/Qwen3-14B-AWQ"
        yield _bad_path((*path, "huggingface"), source.huggingface, "`owner/name` as on the hub", example)
    if source.path is not None and not _stays(source.path, absolute=True):
        yield _bad_path((*path, "path"), source.path, "an absolute path without `..`", "/srv/models/qwen3")
    if source.pvc is not None and (not _stays(source.pvc, absolute=False) or source.pvc.startswith("/")):
        yield _bad_path((*path, "pvc"), source.pvc, "`claim` or `claim/folder`, without `..`", "weights/qwen3")
    for place in ("path", "pvc"):
        value = getattr(source, place)
        if value is not None and (store := _store(value)):
            cause, help_ = store
            yield containers.SOURCE_IS_STORE.at(
                (*path, place), f"{shown(value)} holds no model to load", cause=cause, help=help_
            )
    if source.s3 is not None and not re.fullmatch(r"s3://[^/\s]+(/.*)?", source.s3):
        yield _bad_path((*path, "s3"), source.s3, "`s3://bucket/folder`", "s3://models/qwen3")


def _store(value: str) -> tuple[str, str] | None:
    """Cause and help for a path into a cache that is not a model's folder, judged by its form; none for any other."""
    parts = PurePosixPath(value).parts
    if ".ollama" in parts or "registry.ollama.ai" in parts or (parts[-1:] and parts[-1].startswith("sha256-")):
        return "it is of Ollama's store, whose blobs no other engine reads", "say `source: {ollama: ...}` and its tag"
    repository = next((number for number, part in enumerate(parts) if part.startswith("models--")), None)
    if repository is not None:
        if parts[repository + 1 : repository + 2] == ("snapshots",) and len(parts) > repository + 2:
            return None
        name = "/".join(parts[repository].split("--")[1:])
        root = PurePosixPath(*parts[: repository + 1])
        return (
            "in Hugging Face's cache a model's files are in the snapshot of a commit",
            f"write `{root}/snapshots/` and the commit, which `refs/main` beside it has, or `huggingface: {name}`",
        )
    if parts[-2:] == ("huggingface", "hub") or parts[-2:] == (".cache", "huggingface"):
        return (
            "it is Hugging Face's whole cache, with a folder for each repository",
            "write the path of one snapshot, `models--owner--name/snapshots/<commit>`, or `huggingface: owner/name`",
        )
    return None


def _stays(text: str, *, absolute: bool) -> bool:
    return ".." not in PurePosixPath(text).parts and (text.startswith("/") or not absolute)


def _bad_path(path: Path, value: str, wanted: str, example: str) -> Finding:
    return kinds.SOURCE_PATH.at(
        path, f"{shown(value)} is not a path to weights", cause=f"it must be {wanted}", help=f"for example `{example}`"
    )


def complete(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """Every placement gets an engine and weights from itself, its model or `defaults`."""
    checks = (
        ("source", kinds.NO_SOURCE, _has_source, "source: {huggingface: ...}"),
        ("engine", kinds.NO_ENGINE, _has_engine, "engine: {name: vllm}"),
    )
    for key, kind, has, example in checks:
        if not findings.intact(("defaults", key)) or (fleet.defaults and has(fleet.defaults)):
            continue
        for name, model in fleet.models.items():
            if has(model) or not findings.intact(("models", name, key)):
                continue
            lacking = [placement for placement, spec in model.placements.items() if not has(spec)]
            everywhere = len(lacking) == len(model.placements)
            # One line in the model mends all of its placements.
            paths: list[Path] = (
                [("models", name)] if everywhere else [("models", name, "placements", item) for item in lacking]
            )
            for path in paths:
                if findings.intact((*path, key)):
                    yield kind.at(
                        (*path, key),
                        f"{path_text(path)} has no {key}",
                        cause="neither it nor `defaults` names one"
                        if everywhere
                        else "neither it, nor its model, nor `defaults` names one",
                        help=f"add `{example}`",
                        on_key=True,
                    )


def _has_source(settings: ModelSettings) -> bool:
    return settings.source is not None and bool(settings.source.places)


def _has_engine(settings: ModelSettings) -> bool:
    return settings.engine is not None and settings.engine.name is not None


def versions(fleet: Fleet, findings: Findings) -> Iterator[Finding]:
    """No version that means something else tomorrow."""
    for path, settings in walk.settings(fleet):
        yield from _floating((*path, "engine", "version"), settings.engine.version if settings.engine else None)
        image = settings.image
        if image is not None and image.digest is None:
            yield from _floating((*path, "image", "tag"), image.tag)
            last = (image.repository or "").rpartition("/")[2]
            if ":" in last:
                yield from _floating((*path, "image", "repository"), last.rpartition(":")[2])
        if settings.source is not None and settings.source.ollama is not None:
            yield from _ollama((*path, "source", "ollama"), settings.source.ollama)
        if settings.source is not None:
            yield from _floating((*path, "source", "revision"), settings.source.revision)
    for name, gateway in fleet.gateways.items():
        yield from _floating(("gateways", name, "version"), gateway.version)


def _floating(path: Path, version: str | None) -> Iterator[Finding]:
    name = (version or "").casefold().removeprefix("refs/").removeprefix("heads/")
    if name in _FLOATING:
        yield kinds.FLOATING_VERSION.at(
            path,
            f"{shown(version)} is not a fixed version",
            cause=f"it names other {'weights' if path[-1] == 'revision' else 'software'} tomorrow",
            help=_FIXED.get(str(path[-1]), "name a version, or give a digest"),
        )


def _ollama(path: Path, tag: str) -> Iterator[Finding]:
    name, _, version = tag.rpartition("/")[2].partition(":")
    if version in ("", "latest"):
        yield kinds.FLOATING_VERSION.at(
            path,
            f"{shown(tag)} is not a fixed version",
            cause="without a tag Ollama takes `latest`" if not version else "`latest` names other weights tomorrow",
            help=f"name one of the tags that https://ollama.com/library/{name}/tags lists",
        )
