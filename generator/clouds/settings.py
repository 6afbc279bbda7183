"""Settings that mean nothing on a platform: a finding for each one that was written."""

from collections.abc import Iterable, Iterator, Mapping

from generator.core.finding import Finding, Path
from generator.core.kinds import clouds as kinds
from generator.core.spec import SpecModel


def without_effect(spec: SpecModel, path: Path, reasons: Mapping[str, str]) -> Iterator[Finding]:
    """A warning for every field of `reasons` (by attribute name) that the spec writes."""
    for field in _written(spec, reasons):
        name = spec.spelled(field)
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
        return (*path, spec.spelled(field)), ""
    return path, " (the default)"


def _written(spec: SpecModel, fields: Iterable[str]) -> list[str]:
    return [field for field in fields if field in spec.model_fields_set and getattr(spec, field) is not None]
