"""The text of `gen explain`, from the plan's decisions and the spec's lines."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from typing import Any

from generator.cli.explain import costs, gateways
from generator.core.finding import Finding, Path, path_text
from generator.core.frozen import frozen
from generator.core.plan import Decision, NodePool, PatchPlan, PlacementPlan, Plan, RoutePlan, Tier
from generator.load.fleet import LoadedFleet
from generator.render.emit import yaml_text


@frozen
class _Subject:
    """A thing with decisions: a placement or a pool. `alias` is the short name of a placement."""

    path: Path
    alias: str
    decisions: tuple[Decision, ...]
    patches: tuple[PatchPlan, ...] = ()


class Subjects:
    """Everything in one environment of a fleet that can be explained, by name."""

    def __init__(self, plan: Plan, loaded: LoadedFleet, findings: Sequence[Finding] = ()) -> None:
        self._loaded = loaded
        self._remarks = [item for item in findings if item.aside]
        self._gateways = {item.path: item for item in plan.gateways}
        self._cost = plan.cost
        pools = [pool for cluster in plan.clusters for pool in cluster.pools]
        money = costs.decisions(plan.cost)
        self._subjects = [
            *(
                _Subject(item.path, item.id, (*item.decisions, *money[item.path]), item.patches)
                for item in plan.placements
            ),
            *(_Subject(item.path, "", item.decisions + money[item.path]) for item in pools),
        ]
        self._routes = {path_text(route.path): route for gateway in plan.gateways for route in gateway.routes}

    def names(self) -> list[str]:
        """All names, for suggestions."""
        return [*self._written, *self._decided, *self._aliases, costs.NAME]

    def explain(self, name: str) -> str | None:
        """What there is to say about a name; None when it means nothing."""
        if name in self._decided:
            subject, decision = self._decided[name]
            return _text([path_text(subject.path), *self._decision(decision)])
        if name == costs.NAME:
            return _text(self._money())
        path = self._aliases.get(name) or self._written.get(name)
        if path is None:
            return None
        below = [item for item in self._subjects if item.path[: len(path)] == path]
        parts = [*self._value(path, short=bool(below)), *self._route(path)]
        for item in below:
            parts += [*([] if item.path == path else ["", _title(item)]), *self._subject(item)]
        parts += [line for item in self._subjects if item not in below for line in self._users(item, path)]
        parts += self._gateway(path)
        return _text(parts)

    @cached_property
    def _written(self) -> dict[str, Path]:
        return {path_text(path): path for path in _paths(self._loaded.data, ())}

    @cached_property
    def _aliases(self) -> dict[str, Path]:
        return {item.alias: item.path for item in self._subjects if item.alias}

    @cached_property
    def _decided(self) -> dict[str, tuple[_Subject, Decision]]:
        return {
            f"{prefix}.{decision.field}": (item, decision)
            for item in self._subjects
            for prefix in filter(None, (path_text(item.path), item.alias))
            for decision in item.decisions
        }

    def _money(self) -> Iterator[str]:
        """The sums, and the pools that are rented."""
        yield f"{costs.NAME}: {costs.SCOPE}"
        yield from _table(list(costs.rows(self._cost)))
        for pool in self._cost.pools:
            if pool.rates:
                name = path_text(pool.path)
                yield from ("", name, *self._decision(self._decided[f"{name}.{costs.NAME}"][1]))

    def _value(self, path: Path, *, short: bool) -> Iterator[str]:
        yield path_text(path)
        if not short:
            shown = yaml_text({str(path[-1]): _at(self._loaded.data, path)})
            yield from (f"  {line}" for line in shown.splitlines())
        yield f"  written at {self._place(path)}"

    def _subject(self, item: _Subject) -> Iterator[str]:
        for decision in item.decisions:
            yield from self._decision(decision)
        for patch in item.patches:
            yield f"  patched for {patch.target}"
            yield f"    at    {self._place(patch.path)}"
            yield from (f"    {line}" for line in yaml_text(dict(patch.merge)).splitlines())

    def _decision(self, decision: Decision) -> Iterator[str]:
        yield f"  {decision.field}: {decision.value}"
        yield f"    why   {decision.why}"
        yield f"    from  {self._place(decision.path)}"

    def _users(self, item: _Subject, path: Path) -> Iterator[str]:
        """The decisions elsewhere that a written value leads to."""
        for decision in item.decisions:
            if decision.path == path:
                name = f"{item.alias or path_text(item.path)}.{decision.field}"
                yield f"  decides {name}: {decision.value} ({decision.why})"

    def _route(self, path: Path) -> Iterator[str]:
        route = self._routes.get(path_text(path))
        if route:
            for number, tier in enumerate(route.tiers, start=1):
                yield f"  tier {number}: {_tier(tier)}"
            limits = route.timeouts
            yield (
                f"  seconds: connect {limits.connect_s:g}, first token {limits.first_token_s:g}, "
                f"idle {limits.idle_s:g}, total {limits.total_s:g}"
            )
            yield f"  next tier on: {', '.join(route.fallback_on)}"

    def _gateway(self, path: Path) -> Iterator[str]:
        """What a gateway is, and remarks: its own, or those below another path."""
        gateway = self._gateways.get(path)
        if gateway:
            yield from gateways.lines(gateway)
            yield from gateways.told(gateways.remarks(gateway, self._remarks))
        else:
            yield from gateways.told(item for item in self._remarks if item.path[: len(path)] == path)

    def _place(self, path: Path) -> str:
        place = self._loaded.locate(path)
        overlay = " (overlay)" if place.file != self._loaded.base.file else ""
        return f"{place.file}:{place.line}{overlay}  {place.text.strip()}"


def overview(plan: Plan, loaded: LoadedFleet) -> str:
    """What the fleet holds; the first word of every line is a path to ask for."""
    files = loaded.base.file + (f" + {loaded.overlay.file}" if loaded.overlay else "")
    lines = [f"{plan.fleet} / {plan.environment}: {files}"]
    money = list(costs.rows(plan.cost)) if plan.cost.rented else []
    sections = {
        "clusters": _clusters(plan),
        "placements": _placements(plan),
        "routes": _routes(plan),
        "gateways": [gateways.row(item) for item in plan.gateways],
        f"cost ({costs.SCOPE})": money,
    }
    for title, rows in sections.items():
        if rows:
            lines += ["", title, *_table(rows)]
    return _text(lines)


def _title(item: _Subject) -> str:
    return f"{path_text(item.path)}{f'  ({item.alias})' if item.alias else ''}"


def _clusters(plan: Plan) -> list[tuple[str, str]]:
    rows = []
    for cluster in plan.clusters:
        rows.append((path_text(cluster.path), f"{cluster.platform} {cluster.region}".strip()))
        rows += [(path_text(pool.path), _pool(pool)) for pool in cluster.pools]
    return rows


def _pool(pool: NodePool) -> str:
    types = f" on {', '.join(pool.instance_types)}" if pool.instance_types else ""
    return f"{_range(pool.min_nodes, pool.max_nodes, 'node')} with {pool.gpus_per_node} x {pool.gpu}{types}"


def _placements(plan: Plan) -> list[tuple[str, str]]:
    return [(item.id, _placement(item)) for item in plan.placements]


def _placement(item: PlacementPlan) -> str:
    where = f"{item.cluster}/{item.pool}" if item.pool else f"{item.cluster}, CPUs"
    copies = _range(item.min_replicas, item.max_replicas, "replica")
    return f"{copies} of {item.workload.engine} on {where}, context {item.context}"


def _routes(plan: Plan) -> list[tuple[str, str]]:
    routes: dict[str, RoutePlan] = {path_text(route.path): route for item in plan.gateways for route in item.routes}
    return [(name, ", then ".join(_tier(tier) for tier in route.tiers)) for name, route in sorted(routes.items())]


def _tier(tier: Tier) -> str:
    total = sum(item.weight for item in tier.backends) or 1
    if len(tier.backends) == 1:
        return tier.backends[0].id
    return " + ".join(f"{item.id} ({100 * item.weight / total:.0f} %)" for item in tier.backends)


def _range(least: int, most: int, word: str) -> str:
    number = str(least) if least == most else f"{least} to {most}"
    return f"{number} {word}{'' if number == '1' else 's'}"


def _table(rows: Sequence[tuple[str, str]]) -> list[str]:
    width = max(len(name) for name, _ in rows)
    return [f"  {name:<{width}}  {text}" for name, text in rows]


def _paths(data: Any, above: Path) -> Iterator[Path]:
    if above:
        yield above
    items: Iterable[tuple[Any, Any]] = ()
    if isinstance(data, Mapping):
        items = data.items()
    elif isinstance(data, list):
        items = enumerate(data)
    for step, value in items:
        yield from _paths(value, (*above, step))


def _at(data: Any, path: Path) -> Any:
    for step in path:
        data = data[step]
    return data


def _text(lines: Iterable[str]) -> str:
    return "\n".join((*lines, ""))
