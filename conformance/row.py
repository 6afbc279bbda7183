"""What a row of the bench is: upstreams and their scripts, a route over them, calls, and what must be seen."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from conformance.client import Call, Got
from conformance.script import Script, inverted
from conformance.upstream import Upstream

LEVELS = ("exact", "approximated", "not-possible", "not-run")
"""From best to worst."""

TURNED = "-turned"
"""Ends the name of a row whose upstreams are turned round."""


@dataclass(frozen=True, slots=True)
class Seen:
    """All that was seen of a row: the calls in order, the upstreams by role, the public names of the route table."""

    calls: Sequence[Got]
    upstreams: Mapping[str, Upstream]
    routes: Sequence[str]


Check = Callable[[Seen], str]
"""What is wrong, in words with the numbers; empty when all is well."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """A gateway's known difference: how it goes there, completing "the gateway ...", and what proves it.

    A deviation of level `not-run` says why, and proves nothing. One that is not `always` seen depends on chance.
    """

    level: str
    how: str
    expect: tuple[Check, ...] = ()
    always: bool = True


@dataclass(frozen=True, slots=True)
class Peer:
    """An upstream of a row: its scripts call by call, and what it is: an external API or an engine."""

    scripts: tuple[Script, ...]
    engine: str = "openai"


@dataclass(frozen=True, slots=True)
class Row:
    """One behaviour, shown by a few calls.

    `behaviour` is the row of the capability table that it proves. `tiers` maps roles to weights; `settings` is the rest
    of the route, its context rule under `long` and its shadow as a role. `tenants` are those of the spec, their own
    weights by role. `unlike` replaces fields for the self-test, which must fail; by default every script is inverted.
    """

    name: str
    behaviour: str
    says: str
    peers: Mapping[str, Peer]
    tiers: Sequence[Mapping[str, int]]
    calls: tuple[Call, ...]
    expect: tuple[Check, ...]
    settings: Mapping[str, Any] = field(default_factory=dict)
    tenants: Mapping[str, Any] = field(default_factory=dict)
    unlike: Mapping[str, Any] = field(default_factory=dict)

    def turned(self) -> "Row":
        """The row with its upstreams turned round; its expectations must not hold any more."""
        if self.unlike:
            return replace(self, name=f"{self.name}{TURNED}", **self.unlike)
        peers = {role: replace(peer, scripts=tuple(map(inverted, peer.scripts))) for role, peer in self.peers.items()}
        settings = dict(self.settings)
        if "fallback" in settings:
            settings["fallback"] += TURNED
        tenants = {
            name: {
                **tenant,
                "routes": [f"{route}{TURNED}" for route in tenant["routes"]],
                "weights": {f"{route}{TURNED}": roles for route, roles in tenant.get("weights", {}).items()},
            }
            for name, tenant in self.tenants.items()
        }
        name = f"{self.name}{TURNED}"
        return replace(self, name=name, peers=peers, settings=settings, tenants=tenants)


def complaints(checks: Sequence[Check], seen: Seen) -> list[str]:
    """All that is wrong."""
    return [text for check in checks if (text := check(seen))]
