"""Whether routes and models agree: timeouts with the predicted speed, autoscaling with what callers may send."""

from collections.abc import Iterator, Mapping, Sequence
from math import ceil

from generator.core.finding import Finding, Path
from generator.core.frozen import frozen
from generator.core.kinds import resolve as kinds
from generator.core.plan import Backend, GatewayPlan, PlacementPlan, RoutePlan, TimeoutPlan
from generator.core.spec import Fleet
from generator.core.tasks import generates
from generator.core.units import duration
from generator.core.words import counted
from generator.resolve.placements.sized import Sized
from generator.sizing.estimate import Estimate
from generator.sizing.throughput import Speed

ANSWER_TOKENS = 1024
"""An answer of this length must get through, or of half the context where that is less."""


def check(
    fleet: Fleet,
    gateways: Sequence[GatewayPlan],
    placements: Sequence[PlacementPlan],
    sizes: Mapping[str, Sized],
) -> Iterator[Finding]:
    """All checks; `sizes` holds the budgets by `model/placement`. A route that several gateways serve is told once."""
    routes = {route.name: route for gateway in gateways for route in gateway.routes}
    for name in sorted(routes):
        yield from _timeouts(fleet, routes[name], sizes)
    for placement in placements:
        yield from _scaling(fleet, placement, gateways)


def _timeouts(fleet: Fleet, route: RoutePlan, sizes: Mapping[str, Sized]) -> Iterator[Finding]:
    """One finding for each timeout, of the backend that contradicts it most."""
    if not generates(route.task):
        return
    worst: dict[str, _Clash] = {}
    for backend, longest in _served(route):
        if sized := sizes.get(backend.id):
            for clash in _clashes(route, backend, sized, longest):
                if clash.field not in worst or clash.factor > worst[clash.field].factor:
                    worst[clash.field] = clash
    yield from (_disagreement(fleet, route, clash) for clash in worst.values())


def _served(route: RoutePlan) -> Iterator[tuple[Backend, int]]:
    """The route's own models and the longest prompt that comes to each; 0 where the context alone bounds it."""
    for tier in route.tiers:
        yield from ((backend, route.context.over if route.context else 0) for backend in tier.backends)
    if route.context:
        yield from ((backend, 0) for backend in route.context.tier.backends)


@frozen
class _Clash:
    """A timeout (by its attribute name) that is shorter than what is predicted, and how many times."""

    field: str
    factor: float
    message: str
    cause: str
    cure: str


def _clashes(route: RoutePlan, backend: Backend, sized: Sized, longest: int) -> Iterator[_Clash]:
    """`longest` is the longest prompt that comes here; 0 where only the context bounds it."""
    context = sized.question.length
    answer = min(context // 2, ANSWER_TOKENS)
    prompt = max(min(longest or context, context - answer), 1)
    alone, loaded = sized.alone(prompt, answer), sized.loaded
    if alone and loaded:
        yield from _first_token(route.timeouts, backend, prompt, alone.ttft_ms)
        yield from _total(route.timeouts, backend, answer, sized, loaded)
        yield from _idle(route.timeouts, backend, sized, loaded)


def _first_token(limits: TimeoutPlan, backend: Backend, prompt: int, ttft_ms: Estimate) -> Iterator[_Clash]:
    first = ttft_ms.times(1e-3)
    if first.value > limits.first_token_s:
        yield _Clash(
            "first_token",
            first.value / limits.first_token_s,
            f"the first token of {backend.id} takes longer than {duration(limits.first_token_s)}",
            f"a prompt of {prompt} tokens takes {first.value:.1f} s on an idle server, by estimate "
            f"({first.low:.1f} to {first.high:.1f})",
            f"set `firstToken` to {ceil(first.high)}s, or send long prompts elsewhere with `context`",
        )


def _total(limits: TimeoutPlan, backend: Backend, answer: int, sized: Sized, loaded: Speed) -> Iterator[_Clash]:
    whole = (loaded.ttft_ms + loaded.tpot_ms.times(answer)).times(1e-3)
    if whole.value > limits.total_s:
        yield _Clash(
            "total",
            whole.value / limits.total_s,
            f"answers of {backend.id} take longer than {duration(limits.total_s)}",
            f"{answer} tokens take {whole.value:.0f} s with {counted(sized.at_once, 'request')} at once, by estimate: "
            f"{loaded.ttft_ms.value / 1e3:.1f} s to the first, {loaded.tpot_ms.value:.0f} ms each",
            f"set `total` to {duration(ceil(whole.high / 60) * 60)}, or lower the model's `concurrency`",
        )


def _idle(limits: TimeoutPlan, backend: Backend, sized: Sized, loaded: Speed) -> Iterator[_Clash]:
    pause = loaded.tpot_ms.times(1e-3)
    if pause.value > limits.idle_s:
        yield _Clash(
            "idle",
            pause.value / limits.idle_s,
            f"{backend.id} pauses longer than {duration(limits.idle_s)} between tokens",
            f"a token takes {loaded.tpot_ms.value:.0f} ms with {counted(sized.at_once, 'request')} at once, "
            "by estimate",
            f"set `idle` to {ceil(pause.high)}s or more",
        )


def _disagreement(fleet: Fleet, route: RoutePlan, clash: _Clash) -> Finding:
    """At the timeout where it is written, else at the route."""
    spec = fleet.routes[route.name].timeouts
    path: Path = route.path
    cause = f"{clash.cause}; the timeout is the default"
    if spec is not None and clash.field in spec.model_fields_set:
        path, cause = (*route.path, "timeouts", spec.spelled(clash.field)), clash.cause
    return kinds.TIMEOUT_TOO_SHORT.at(path, clash.message, cause=cause, help=clash.cure, on_key=path == route.path)


def _scaling(fleet: Fleet, placement: PlacementPlan, gateways: Sequence[GatewayPlan]) -> Iterator[Finding]:
    """The last replicas need more requests than all callers together may send."""
    scale = placement.autoscaling
    bound = _callers(fleet, placement, gateways) if scale else 0
    if scale is None or not bound:
        return
    reached = max(ceil(bound / scale.threshold), placement.min_replicas)
    if reached < placement.max_replicas:
        target = (bound - 1) // (placement.max_replicas - 1)
        lower = f", or write `target: {target}`" if target else ""
        yield kinds.TARGET_UNREACHABLE.at(
            (*placement.path, "replicas"),
            f"{placement.service} never has more than {reached} of {placement.max_replicas} replicas",
            cause=f"its callers may send {counted(bound, 'request')} at once (`maxParallel` of their tenants), and "
            f"{'each' if scale.threshold == 1 else f'each {scale.threshold}'} of them "
            f"{'brings' if scale.threshold == 1 else 'bring'} a replica",
            help=f"set `max` to {reached}, or raise the tenants' `maxParallel`{lower}",
        )


def _callers(fleet: Fleet, placement: PlacementPlan, gateways: Sequence[GatewayPlan]) -> int:
    """Requests at once that all tenants together may send to a placement; 0 where nothing bounds them."""
    total = 0
    for gateway in gateways:
        routes = {route.name for route in gateway.routes if any(item.id == placement.id for item in route.backends)}
        if not routes:
            continue
        tenants = [tenant for tenant in gateway.tenants if routes & set(tenant.routes)]
        if not gateway.tenants or any(not tenant.max_parallel for tenant in tenants):
            return 0
        total += sum(tenant.max_parallel for tenant in tenants)
    return total
