"""What models are asked to do, and in whose style."""

from typing import Literal

Api = Literal["openai", "anthropic", "tgi", "ollama"]
"""The style of an API: whose own one it is, or is like."""

Task = Literal["chat", "complete", "embed", "rerank"]

_GENERATE = frozenset({"chat", "complete"})


def generates(task: str) -> bool:
    """Whether answers are made token by token; the others read a text once and give numbers."""
    return task in _GENERATE
