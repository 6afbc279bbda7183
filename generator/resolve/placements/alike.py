"""What placements that are alike share: each step that does not depend on a placement's own name is taken once."""

from collections.abc import Callable, Mapping, Sequence

from generator.core.finding import Finding
from generator.core.frozen import frozen
from generator.core.lazy import load
from generator.core.plan import ServingRequest, TolerationPlan, Workload
from generator.core.protocols import Engine
from generator.engines import ENGINES
from generator.resolve import network
from generator.resolve.placements import shipped
from generator.resolve.placements.candidate import Candidate
from generator.resolve.placements.described import Described
from generator.resolve.placements.numbers import Numbers, number
from generator.resolve.placements.request import request
from generator.resolve.placements.sized import Sizes
from generator.resolve.placements.surroundings import Site, Surroundings, site, surround

Place = tuple[str, str]
"""A cluster and a pool, which is empty on CPUs."""


@frozen
class Served:
    """What an engine says of a request: findings, and the workload where none of them is an error."""

    findings: Sequence[Finding]
    workload: Workload | None


@frozen
class Scheduling:
    """Which nodes the pods may run on."""

    node_selector: Mapping[str, str]
    tolerations: tuple[TolerationPlan, ...]


class Alike:
    """The steps of one run."""

    def __init__(self, longest_calls: Mapping[str, float], stops: Callable[[Finding], bool]) -> None:
        self._longest_calls = longest_calls
        self._stops = stops
        self._sizes = Sizes()
        self._numbers: dict[Described, Numbers] = {}
        self._sites: dict[tuple[Place, float], Site] = {}
        self._surroundings: dict[tuple[Described, Site], Surroundings] = {}
        self._served: dict[Surroundings, Served] = {}
        self._scheduling: dict[tuple[Described, Place], Scheduling] = {}

    def numbers(self, described: Described) -> Numbers:
        """The numbers of replicas that are described so."""
        if described not in self._numbers:
            self._numbers[described] = number(described, self._sizes.of(described))
        return self._numbers[described]

    def surroundings(self, item: Candidate, numbers: Numbers) -> Surroundings:
        """What is around such a replica at the placement's site."""
        place, longest = _place(item), self._longest_calls.get(item.model_name, 0.0)
        if (place, longest) not in self._sites:
            self._sites[place, longest] = site(item, longest)
        key = numbers.described, self._sites[place, longest]
        if key not in self._surroundings:
            self._surroundings[key] = surround(numbers, key[1])
        return self._surroundings[key]

    def served(self, item: Candidate, surroundings: Surroundings) -> Served:
        """What the engine says. Of whom it has nothing to say, it has nothing to say of those alike."""
        known = self._served.get(surroundings)
        if known is None or known.findings:
            known = self._served[surroundings] = self._ask(
                item.settings.engine, request(item, surroundings), surroundings.site
            )
        return known

    def _ask(self, name: str, asked: ServingRequest, place: Site) -> Served:
        engine: Engine = load(ENGINES[name])
        findings = list(engine.check(asked))
        if any(map(self._stops, findings)):
            return Served(findings, None)
        work = shipped.with_files(engine.workload(asked), asked.files)
        return Served(findings, network.dressed(work, asked.env, place.around))

    def scheduling(self, item: Candidate, described: Described) -> Scheduling:
        """The labels and taints of the pool, and what is written."""
        key = described, _place(item)
        if key not in self._scheduling:
            self._scheduling[key] = Scheduling(_node_selector(item), _tolerations(item))
        return self._scheduling[key]


def _place(item: Candidate) -> Place:
    return item.cluster.name, item.pool.name if item.pool else ""


def _node_selector(item: Candidate) -> dict[str, str]:
    labels = {**(item.pool.labels if item.pool else {}), **item.settings.node_selector}
    return dict(sorted(labels.items()))


def _tolerations(item: Candidate) -> tuple[TolerationPlan, ...]:
    taints = dict.fromkeys((*item.pool.taints, *item.pool.platform_taints)) if item.pool else {}
    from_pool = [TolerationPlan(t.key, "Equal" if t.value else "Exists", t.value, t.effect) for t in taints]
    given = [TolerationPlan(t.key, t.operator, t.value, t.effect) for t in item.settings.tolerations]
    return (*from_pool, *(toleration for toleration in given if toleration not in from_pool))
