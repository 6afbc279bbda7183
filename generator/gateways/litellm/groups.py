"""A route's model groups in LiteLLM: its tiers, and those for long prompts, for a tenant alone, and for copies."""

from collections.abc import Iterator, Mapping
from dataclasses import field
from functools import partial

from generator.core.frozen import frozen
from generator.core.plan import RoutePlan, Tier
from generator.core.plan.variants import variants


@frozen
class Group:
    """Backends under one name. `last` when no other group follows; `limit` is the longest prompt, 0 without one.

    Calls that it answers are copied to the group `copies`, where that is not empty. A group of copies asks its backends
    in `percent` of calls and nobody in the others.
    """

    name: str
    tier: Tier
    last: bool = True
    limit: int = 0
    copies: str = ""
    percent: int = 100


@frozen
class Groups:
    """All groups of a route: callers name the first, and `own` takes its place for a tenant."""

    first: Group
    further: tuple[Group, ...]
    own: Mapping[str, Group] = field(default_factory=dict)
    long: Group | None = None
    shadow: Group | None = None

    @property
    def answering(self) -> tuple[Group, ...]:
        """Every group whose answers callers get."""
        return (self.first, *self.further, *([self.long] if self.long else []), *self.own.values())

    def __iter__(self) -> Iterator[Group]:
        """Every group."""
        yield from self.answering
        if self.shadow:
            yield self.shadow


def of_route(route: RoutePlan, public: set[str]) -> Groups:
    """The route's groups; none but the first has a name out of `public`."""
    calls = variants(route)
    usual, long = calls.everybody, calls.long
    copied = route.shadow if route.task == "chat" else None  # LiteLLM copies nothing else
    copies = _unused(f"{route.name}/shadow", public) if copied else ""
    first = partial(Group, limit=long.over if long else 0, copies=copies)
    return Groups(
        first=first(route.name, usual.first.tier, usual.first.last),
        further=tuple(
            Group(_unused(f"{route.name}/tier-{stage.number}", public), stage.tier, stage.last)
            for stage in usual.stages[1:]
        ),
        own={
            own.tenant: first(_unused(f"{route.name}/for-{own.tenant}", public), own.first.tier, own.first.last)
            for own in calls.own
        },
        long=Group(_unused(f"{route.name}/long", public), long.first.tier, copies=copies) if long else None,
        shadow=Group(copies, copied.tier, percent=copied.percent) if copied else None,
    )


def _unused(name: str, public: set[str]) -> str:
    while name in public:
        name += "+"
    return name
