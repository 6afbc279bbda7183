"""Artifacts as files; and small sets of them: an old tree, and a new one that needs every sort of change."""

from collections.abc import Iterable
from pathlib import Path

from generator.core.artifact import Artifact, ArtifactSet


def lay_out(artifacts: Iterable[Artifact], folder: Path) -> None:
    """Write the artifacts below the folder."""
    for artifact in artifacts:
        path = folder / artifact.path
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(artifact.content)


def old() -> ArtifactSet:
    return ArtifactSet(
        [
            Artifact("same.txt", b"same\n", "compose"),
            Artifact("compose/desk/compose.yaml", b"services: {}\n", "compose"),
            Artifact("compose/desk/run.sh", b"#!/bin/sh\n", "compose", executable=True),
            Artifact("helm/gone/a.yaml", b"a: 1\n", "helm"),
            Artifact("helm/gone/deep/b.yaml", b"b: 1\n", "helm"),
            Artifact("helm/kept/c.yaml", b"c: 1\n", "helm"),
            Artifact("file-then-folder", b"file\n", "helm"),
            Artifact("folder-then-file/x", b"x\n", "helm"),
        ]
    )


def new() -> ArtifactSet:
    return ArtifactSet(
        [
            Artifact("same.txt", b"same\n", "compose"),
            Artifact("compose/desk/compose.yaml", b"services: {a: {}}\n", "compose"),
            Artifact("compose/desk/run.sh", b"#!/bin/sh\n", "compose"),
            Artifact("helm/kept/c.yaml", b"c: 2\n", "helm"),
            Artifact("helm/new/deep/d.yaml", b"\x00\xff binary", "helm"),
            Artifact("file-then-folder/inside", b"inside\n", "helm"),
            Artifact("folder-then-file", b"file\n", "helm"),
        ]
    )


TREES = {"old": old, "new": new, "empty": ArtifactSet}
