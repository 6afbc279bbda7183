"""Values that each would do, and with which an engine stops at start-up: a share that is none, too small a batch."""

from collections.abc import Iterable, Iterator

from generator.core.finding import Finding
from generator.core.kinds import engines as kinds
from generator.core.plan import ServingRequest
from generator.core.units import count
from generator.engines import places

NO_COUNT = ("auto", "-1")
"""What other sizes may be, and a batch may not."""


def shares(request: ServingRequest, names: Iterable[str]) -> Iterator[Finding]:
    """Arguments that are a share of a GPU's memory."""
    for name in names:
        value = request.args.get(name)
        if _is_number(value) and not 0 < float(str(value)) <= 1:
            yield _refused(
                request,
                name,
                "it is a share of the GPU's memory, above 0 and up to 1",
                "write for example 0.9, or leave it out",
            )


def at_least(request: ServingRequest, name: str, least: int, cause: str, help: str) -> Iterator[Finding]:
    """A batch in tokens that must hold `least` of them; `cause` says why, `help` what else would do."""
    value = str(request.args.get(name, ""))
    tokens = 0 if value in NO_COUNT else count(value)
    if tokens is not None and tokens < least:
        yield _refused(request, name, cause, f"write {least} or more, or {help}")


def _refused(request: ServingRequest, name: str, cause: str, help: str) -> Finding:
    return kinds.ARGUMENT_VALUE.at(
        places.argument_path(request, name), f"`{name}` does not take `{request.args[name]}`", cause=cause, help=help
    )


def _is_number(value: object) -> bool:
    try:
        float(str(value))
    except ValueError:
        return False
    return True
