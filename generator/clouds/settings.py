"""Settings that mean nothing on a platform: a finding for each one that was written."""

from collections.abc import Iterable, Iterator, Mapping

from generator.core.finding import Finding, Path
from generator.core.kinds import clouds as kinds
from generator.core.spec.base import SpecModel


def without_effect(spec: SpecModel, path: Path, reasons: Mapping[str, str]) -> Iterator[Finding]:
    """A warning for every field of `reasons` (by attribute name) that the spec writes."""
    for field in _written(spec, reasons):
        name = written_name(spec, field)
        yield kinds.NO_EFFECT.at(
            (*path, name),
            f"`{name}` has no effect here",
            cause=reasons[field],
            help=f"remove `{name}`",
            on_key=True,
        )


def nearest(spec: SpecModel, path: Path, field: str) -> tuple[Path, str]:
    """Where to point for a field, and a remark: the spec itself and `(the default)` when it was not written."""
    if field in spec.model_fields_set:
        return (*path, written_name(spec, field)), ""
    return path, " (the default)"


def written_name(spec: SpecModel, field: str) -> str:
    """The name of a field as the spec spells it."""
    return type(spec).model_fields[field].alias or field


def _written(spec: SpecModel, fields: Iterable[str]) -> list[str]:
    return [field for field in fields if field in spec.model_fields_set and getattr(spec, field) is not None]
