"""Weights that stand in a folder: how much of it a container needs, and where in it the model is.

A snapshot of a Hugging Face cache is a folder of links into `blobs` beside it. Mounted alone, they lead nowhere.
"""

import re

_SNAPSHOT = re.compile(r"(?P<cache>.+/models--[^/]+)/(?P<inner>snapshots/[^/]+(?:/[^/]+)*)/*")


def cached(ref: str) -> tuple[str, str]:
    """A host path or `claim/folder` as what to mount and the model's place in it, which is empty where that is all."""
    found = _SNAPSHOT.fullmatch(ref)
    return (found["cache"], found["inner"]) if found else (ref, "")
