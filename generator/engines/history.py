"""What became of arguments and values between the versions of an engine, told from the versions the catalogue knows."""

from generator.catalog.engines import order
from generator.catalog.facts import EngineFacts, EngineVersion
from generator.catalog.releases import neighbours
from generator.core.finding import Finding, Path
from generator.core.kinds import engines as kinds


def absent(engine: EngineFacts, facts: EngineVersion, path: Path, name: str) -> Finding | None:
    """The finding on an argument that this version lacks and another one has; none where no version has it."""
    last, first = neighbours(engine, facts.version, lambda version: name in version.flags)
    change = engine.changes.get(name)
    if last and change and change.became in facts.flags:
        return kinds.ARGUMENT_RENAMED.at(
            path,
            f"{engine.title} {facts.version} has `{change.became}` in place of `{name}`",
            cause=_gone(engine, last),
            help=f"write `{change.became}`",
            on_key=True,
        )
    if last:
        instead = change.instead if change else ""
        return kinds.ARGUMENT_REMOVED.at(
            path,
            f"{engine.title} {facts.version} has no `{name}` any more",
            cause=_gone(engine, last),
            help=instead or "remove it; nothing takes its place",
            on_key=True,
        )
    if first:
        return kinds.ARGUMENT_TOO_NEW.at(
            path,
            f"{engine.title} {facts.version} has no `{name}` yet",
            cause=f"of the known versions {first} is the first that has it",
            help=f"say `version: {first}` or a newer one, or remove it",
            on_key=True,
        )
    return None


def changed(engine: EngineFacts, facts: EngineVersion, path: Path, name: str) -> Finding | None:
    """The finding on an argument that this version takes and makes something else of."""
    change = engine.changes.get(name)
    if change is None or not change.since or order(facts.version) < order(change.since):
        return None
    return kinds.ARGUMENT_CHANGED.at(
        path,
        f"`{name}` means something else in {engine.title} {facts.version}",
        cause=f"by {change.since} {change.meaning}",
        help=change.instead,
        on_key=True,
    )


def value(engine: EngineFacts, facts: EngineVersion, name: str, wanted: str) -> tuple[str, str] | None:
    """Cause and help for a choice that another version takes; none where no version does."""
    last, first = neighbours(engine, facts.version, lambda version: wanted in _choices(version, name))
    if not last and not first:
        return None
    others = ", ".join(_choices(facts, name))
    if last:
        return f"{_gone(engine, last)}; it takes one of: {others}", f"say `version: {last}`, or use another value"
    return (
        f"it came by {first}; {facts.version} takes one of: {others}",
        f"say `version: {first}`, or use another value",
    )


def quantization(engine: EngineFacts, facts: EngineVersion, wanted: str) -> str:
    """The end of a sentence: which known version runs these weights, where one does."""
    last, first = neighbours(engine, facts.version, lambda version: wanted in version.quantizations)
    known = last or first
    return f"; {known} is the {'last' if last else 'first'} known version that runs `{wanted}`" if known else ""


def _gone(engine: EngineFacts, last: str) -> str:
    """In which known version something is gone that `last` still has."""
    known = list(engine.versions)
    return f"gone in {known[known.index(last) - 1]}, still in {last}"


def _choices(version: EngineVersion, name: str) -> tuple[str, ...]:
    kind = version.flags.get(name, ())
    return kind if isinstance(kind, tuple) else ()
