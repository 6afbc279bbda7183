"""JSON merge patch (RFC 7396): how an overlay changes a spec, a patch what we emit; and what a patch holds."""

from collections.abc import Iterable, Mapping
from typing import Any


def merge_patch(target: Any, patch: Any) -> Any:
    """The target with the patch applied: objects merge key by key, null removes a key, all else replaces.

    Neither argument is changed. New keys follow the target's own.
    """
    if not isinstance(patch, Mapping):
        return patch
    merged = dict(target) if isinstance(target, Mapping) else {}
    for key, value in patch.items():
        if value is None:
            merged.pop(key, None)
        else:
            merged[key] = merge_patch(merged.get(key), value)
    return merged


def value_at(value: Any, keys: Iterable[str]) -> Any:
    """What stands at a path of keys; none where there is nothing."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value
