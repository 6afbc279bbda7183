"""Registries name `module:attribute`; a thing is imported when it is first asked for."""

from importlib import import_module
from typing import Any


def load(reference: str) -> Any:
    """The object behind `module:attribute`."""
    module, _, attribute = reference.partition(":")
    return getattr(import_module(module), attribute)
