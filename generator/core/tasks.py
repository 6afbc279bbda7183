"""What models are asked to do."""

_GENERATE = frozenset({"chat", "complete"})


def generates(task: str) -> bool:
    """Whether answers are made token by token; the others read a text once and give numbers."""
    return task in _GENERATE
