"""What a rented node has beside its GPUs: root disk, pods, neighbours, and how it is replaced by an upgrade."""

from collections.abc import Iterator

from generator.catalog import reader
from generator.clouds.settings import nearest
from generator.core.finding import Finding, Path
from generator.core.kinds import clouds as kinds
from generator.core.plan import Decision
from generator.core.spec import Pool, Upgrade

USUAL_DISK = "pd-balanced"
"""What GKE takes by itself; a machine that cannot boot from it must be told another."""


def disk_type(platform: str, pool: Pool, types: tuple[str, ...]) -> str | None:
    """The type of the root disk; None where the platform's own will do."""
    decision = disk_decision(platform, pool, types, ())
    return decision.value if decision else pool.disk_type


def disk_decision(platform: str, pool: Pool, types: tuple[str, ...], path: Path) -> Decision | None:
    """Which type of root disk was chosen and why, where none is given and the platform's own will not do."""
    facts = reader.node(platform, types[0]) if types else None
    if pool.disk_type is not None or facts is None or platform != "gke" or USUAL_DISK in facts.disk_types:
        return None
    why = f"{types[0]} does not boot from {USUAL_DISK} ({facts.source}, {facts.as_of})"
    return Decision("diskType", facts.disk_types[0], why, path)


def local_ssds(platform: str, types: tuple[str, ...]) -> dict[str, int]:
    """The local SSDs that come with each type, 0 where none is known."""
    return {type_: facts.local_ssds if (facts := reader.node(platform, type_)) else 0 for type_ in types}


def disk_findings(platform: str, pool: Pool, types: tuple[str, ...], path: Path) -> Iterator[Finding]:
    """A root disk that one of the machines does not have."""
    for type_ in types:
        facts = reader.node(platform, type_)
        if pool.disk_type and facts and pool.disk_type not in facts.disk_types:
            yield kinds.DISK_TYPE.at(
                (*path, "diskType"),
                f"{type_} has no root disk of type {pool.disk_type!r}",
                cause=f"it has {', '.join(facts.disk_types)} ({facts.source}, {facts.as_of})",
                help=f"write `diskType: {facts.disk_types[0]}`",
            )
            return


def compact_findings(platform: str, pool: Pool, types: tuple[str, ...], path: Path, place: str) -> Iterator[Finding]:
    """Why nodes cannot stand close together; `place` says how one zone is named, and is empty where one is."""
    if not pool.compact:
        return
    where = (*path, "compact")
    apart = [type_ for type_ in types if (facts := reader.node(platform, type_)) and not facts.compact]
    if apart:
        cause = "the cloud has no policy for it"
        yield _compact(where, f"nodes of type {apart[0]} cannot be put close together", cause)
    elif "reserved" in pool.capacity:
        cause = "capacity lists `reserved`: those nodes stand where their reservation does"
        yield _compact(where, "reserved nodes cannot be put close together", cause)
    elif place:
        yield _compact(where, "nodes stand close together in one zone only", place)


def one_zone(pool: Pool) -> str:
    """What is missing in `zones` for a pool in one zone."""
    return "" if len(set(pool.zones)) == 1 else f"zones lists {len(set(pool.zones))}"


def _compact(where: Path, message: str, cause: str) -> Finding:
    cure = "name one zone, or remove `compact`" if "one zone" in message else "remove `compact`"
    return kinds.COMPACT_IMPOSSIBLE.at(where, message, cause=cause, help=cure)


def pods_findings(pool: Pool, path: Path, limits: tuple[int, int], why: str) -> Iterator[Finding]:
    """More or fewer pods than a node can be told to take."""
    least, most = limits
    if pool.max_pods is not None and not least <= pool.max_pods <= most:
        yield kinds.NODE_SETTING.at(
            (*path, "maxPods"),
            f"a node cannot take {pool.max_pods} pods at most",
            cause=why,
            help=f"write `maxPods: {min(max(pool.max_pods, least), most)}`",
        )


def upgrade_findings(pool: Pool, path: Path, *, both: bool, own: bool) -> Iterator[Finding]:
    """An upgrade that never begins. `both`: surge and unavailable go together; `own`: the surge is the platform's."""
    where, _ = nearest(pool, path, "upgrade")
    upgrade = pool.upgrade or Upgrade()
    if not upgrade.unavailable and (own or not upgrade.surge):
        yield kinds.NODE_SETTING.at(
            where,
            "an upgrade that may take no node never begins",
            cause=f"upgrade is surge {upgrade.surge}, unavailable {upgrade.unavailable}",
            help="write `upgrade: {unavailable: 1}`" + ("" if own else ", or `upgrade: {surge: 1, unavailable: 0}`"),
        )
    elif upgrade.surge and upgrade.unavailable and not both:
        yield kinds.NODE_SETTING.at(
            where,
            "an upgrade of AKS takes nodes above the number or below it, not both",
            cause=f"upgrade is surge {upgrade.surge}, unavailable {upgrade.unavailable}",
            help=f"write `upgrade: {{surge: {upgrade.surge}, unavailable: 0}}`",
        )
