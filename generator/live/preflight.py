"""`gen preflight`: which questions there are, in which order they are asked, and what came of them."""

from collections.abc import Callable, Collection, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from generator.core.finding import Path
from generator.core.frozen import frozen
from generator.core.kinds import live as kinds
from generator.core.lazy import load
from generator.core.plan import ClusterPlan, NodePool, Plan
from generator.core.plan.state import TerraformState
from generator.live import CONNECTORS, EXTRAS, STATES, judge, judge_places
from generator.live.answers import Account, Limits, NotAnsweredError
from generator.live.judge import BOUGHT, Charge
from generator.live.outcome import Outcome, answered, joined, problem, unanswered
from generator.live.work import Deadline, ask_all

Progress = Callable[[int, int, str], None]
"""Told after each question: how many of how many are answered, and the last one."""


@frozen
class Question:
    """One thing to ask; its finding points at `path` when there is no answer."""

    cluster: str
    asked: str
    subject: str
    path: Path
    ask: Callable[[], Outcome]

    def outcome(self) -> Outcome:
        """The answer, or the finding that says why there is none."""
        try:
            return self.ask()
        except NotAnsweredError as error:
            return unanswered(self.cluster, self.asked, self.subject, self.path, error)

    def too_late(self, limits: Limits) -> Outcome:
        """What stands for an answer that did not come before the end of the run."""
        said = f"no answer within the {limits.total_s:g} s of the run"
        error = NotAnsweredError(kinds.NO_ANSWER_IN_TIME, f"the {self.asked} check", "", said)
        return unanswered(self.cluster, self.asked, self.subject, self.path, error)


@dataclass(slots=True)
class Desk:
    """The clusters of one account, project or subscription, which sign in together. `account` is None until then."""

    clusters: list[ClusterPlan]
    account: Account | None = None


def preflight(
    plan: Plan, names: Collection[str], keys: Callable[[ClusterPlan], Outcome], limits: Limits, progress: Progress
) -> Outcome:
    """Ask the clouds about the clusters of a plan; about those of `names` alone when any are named.

    A cluster that belongs to no cloud is asked for its keys.
    """
    chosen = [cluster for cluster in plan.clusters if not names or cluster.name in names]
    asked = [cluster for cluster in chosen if cluster.platform in CONNECTORS]
    owned = [keys(cluster) for cluster in chosen if cluster.platform not in CONNECTORS]
    deadline = Deadline(limits.total_s)
    desks = _desks(asked)
    first = _ask([_sign_in(desk, limits) for desk in desks], limits, deadline, progress)
    regions = _ask(list(_region_questions(desks)), limits, deadline, progress)
    closed = {
        finding.path[1] for outcome in regions for finding in outcome.findings if finding.kind is not kinds.DENIED
    }
    for desk in desks:
        desk.clusters = [cluster for cluster in desk.clusters if cluster.name not in closed]
    rest = _ask(list(_questions(desks)), limits, deadline, progress)
    outcome = joined([*first, *regions, *rest, *owned])
    order = {cluster.name: number for number, cluster in enumerate(plan.clusters)}
    lines = sorted(outcome.lines, key=lambda line: order[line.cluster.partition(",")[0]])
    return Outcome(tuple(lines), outcome.findings)


def _ask(questions: Sequence[Question], limits: Limits, deadline: Deadline, progress: Progress) -> list[Outcome]:
    count = 0

    def advance(number: int) -> None:
        nonlocal count
        count += 1
        progress(count, len(questions), f"{questions[number].cluster}: {questions[number].asked}")

    answers = ask_all([question.outcome for question in questions], deadline, advance)
    return [
        question.too_late(limits) if answer is None else answer
        for question, answer in zip(questions, answers, strict=True)
    ]


def _desks(clusters: Sequence[ClusterPlan]) -> list[Desk]:
    desks: dict[Any, Desk] = {}
    for cluster in clusters:
        desks.setdefault((cluster.platform, cluster.cloud.account if cluster.cloud else ""), Desk([])).clusters.append(
            cluster
        )
    return list(desks.values())


def _sign_in(desk: Desk, limits: Limits) -> Question:
    first = desk.clusters[0]
    names = ", ".join(cluster.name for cluster in desk.clusters)

    def ask() -> Outcome:
        account = open_account(first, limits)
        outcome = answered(names, "identity", "", account.identity())
        desk.account = account
        return outcome

    return Question(names, "identity", "", first.path, ask)


def open_account(cluster: ClusterPlan, limits: Limits) -> Account:
    """The account that a cluster belongs to.

    Raises:
        NotAnsweredError: the cloud's libraries are missing, or there are no credentials.
    """
    try:
        account: Account = load(CONNECTORS[cluster.platform])(cluster, limits)
    except ModuleNotFoundError as error:
        raise missing_extra(EXTRAS[cluster.platform], error) from error
    return account


def missing_extra(extra: str, error: ModuleNotFoundError) -> NotAnsweredError:
    """The error for libraries that are not installed; one of our own modules that is missing is a bug.

    Raises:
        ModuleNotFoundError: the module is ours.
    """
    if (error.name or "").startswith("generator"):
        raise error
    cure = f"pip install 'fleetgen[{extra}]'"
    return NotAnsweredError(
        kinds.MISSING_EXTRA, f"import {error.name}", "", f"the extra `{extra}` is not installed", cure=cure
    )


def _region_questions(desks: Sequence[Desk]) -> Iterator[Question]:
    for desk in desks:
        regions: dict[str, list[ClusterPlan]] = {}
        for cluster in desk.clusters:
            regions.setdefault(cluster.region, []).append(cluster)
        for region, clusters in regions.items():
            if desk.account is not None:
                yield from (_region(desk.account, region, cluster) for cluster in clusters)


def _region(account: Account, region: str, cluster: ClusterPlan) -> Question:
    path = (*cluster.path, "region")

    def ask() -> Outcome:
        reason = account.region_problem(region)
        if not reason:
            return answered(cluster.name, "region", region, "open")
        closed = problem(
            kinds.NO_REGION,
            path,
            f"nothing can be had in the region {region!r}",
            cause=reason,
            help="correct the region, or have it enabled for the account",
        )
        return answered(cluster.name, "region", region, reason, closed)

    return Question(cluster.name, "region", region, path, ask)


def _questions(desks: Sequence[Desk]) -> Iterator[Question]:
    for desk in desks:
        account = desk.account
        if account is None:
            continue
        for cluster in desk.clusters:
            yield from _of_cluster(account, cluster)
        if any(capacity in BOUGHT for cluster in desk.clusters for pool in cluster.pools for capacity in pool.capacity):
            names = ", ".join(cluster.name for cluster in desk.clusters)
            asking = _Quotas(account, tuple(desk.clusters))
            yield Question(names, "quota", "", desk.clusters[0].path, asking.ask)


def _of_cluster(account: Account, plan: ClusterPlan) -> Iterator[Question]:
    if plan.existing:
        yield Question(
            plan.name,
            "cluster",
            plan.existing,
            (*plan.path, "cluster"),
            lambda: judge.cluster(plan, account.cluster(plan)),
        )
    if plan.pools:
        yield Question(plan.name, "offering", "", plan.path, lambda: _offerings(account, plan))
    for pool in plan.pools:
        if pool.reservation:
            yield _reservation(account, plan, pool, pool.reservation)
    state = plan.state
    if state is not None:
        yield _state(account, plan, state)


def _state(account: Account, plan: ClusterPlan, state: TerraformState) -> Question:
    def ask() -> Outcome:
        if state.backend != STATES[plan.platform]:
            return answered(
                plan.name, "state", f"{state.backend} {state.store}", "in another cloud, which is not asked"
            )
        return judge_places.store(plan, state, account.store(plan, state))

    return Question(plan.name, "state", state.store, (*plan.path, "state"), ask)


def _offerings(account: Account, plan: ClusterPlan) -> Outcome:
    offered = account.offerings(plan.region, _types(plan))
    zones = {pool.name: account.zones(plan, pool) for pool in plan.pools}
    return judge.offerings(plan, zones, offered, every_zone=account.every_zone)


def _types(plan: ClusterPlan) -> frozenset[str]:
    return frozenset(type_ for pool in plan.pools for type_ in pool.instance_types)


def _reservation(account: Account, plan: ClusterPlan, pool: NodePool, id_: str) -> Question:
    def ask() -> Outcome:
        reservation = account.reservation(plan, pool)
        return judge_places.reservation(plan, pool, account.zones(plan, pool) if reservation else (), reservation)

    return Question(plan.name, "reservation", id_, (*pool.path, "reservation"), ask)


class _Quotas:
    """All quotas of one account at once, since clusters of a region draw on the same ones."""

    def __init__(self, account: Account, clusters: Sequence[ClusterPlan]) -> None:
        self._account = account
        self._clusters = clusters
        self._charges: dict[tuple[str, str], list[Charge]] = {}
        self._unknown: list[Outcome] = []

    def ask(self) -> Outcome:
        """The outcome of every quota that a pool draws on."""
        for plan in self._clusters:
            offered = self._account.offerings(plan.region, _types(plan))
            running = self._account.running(plan) if plan.existing else {}
            for pool in plan.pools:
                for capacity in dict.fromkeys(capacity for capacity in pool.capacity if capacity in BOUGHT):
                    self._draw(plan, pool, capacity, offered, running)
        known = [
            judge.quota(region, code, charges, self._account.quota(region, code))
            for (region, code), charges in sorted(self._charges.items())
        ]
        return joined([*known, *self._unknown])

    def _draw(self, plan: ClusterPlan, pool: NodePool, capacity: str, offered: Any, running: Any) -> None:
        # Of several types one is taken at a time: the one that needs most of a quota counts.
        most: dict[str, float] = {}
        types = [type_ for type_ in pool.instance_types if type_ in offered]
        for type_ in types:
            draws = self._account.draws(pool, type_, offered[type_], capacity)
            for code, units in draws.items():
                most[code] = max(units, most.get(code, 0.0))
            if not draws:
                self._unknown.append(judge.no_known_quota(plan, pool, type_, capacity))
        nodes = sum(running.get((type_, capacity), 0) for type_ in types)
        for code, units in most.items():
            region = "" if code in self._account.project_wide else plan.region
            self._charges.setdefault((region, code), []).append(Charge(plan, pool, capacity, units, nodes))
