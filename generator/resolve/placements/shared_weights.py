"""Weights that the replicas of a placement share: who can, who cannot and why."""

from collections.abc import Iterator

from generator.core.finding import Finding
from generator.core.kinds import rollouts as kinds
from generator.core.lazy import load
from generator.core.plan import SharedWeights
from generator.core.protocols import Engine
from generator.engines import ENGINES
from generator.resolve.placements import host, timing
from generator.resolve.placements.candidate import Candidate
from generator.resolve.placements.described import Described

_ELSEWHERE = ("path", "pvc", "s3")
"""Sources of which no pod keeps a copy."""


def shared(described: Described, storage_class: str, mib_s: float) -> tuple[SharedWeights | None, str]:
    """The claim and why it is so; None where each replica has its own weights, or all have them from elsewhere.

    `storage_class` is empty where the cluster has none for it; `mib_s` is the rate of the download.
    """
    if not storage_class or _obstacle(described)[0] or described.settings.kind != "huggingface":
        return None, ""
    weights = described.model.weights_gib if described.model else 0.0
    size, why = host.shared_gib(weights)
    stays = "" if described.source.revision else "; without a `revision` they stay the commit that it meets first"
    why = f"{why}; a claim of all replicas, which a job fills once, and which stays{stays}"
    return SharedWeights(storage_class, size, timing.fetch_s(weights, mib_s)), why


def findings(item: Candidate, described: Described) -> Iterator[Finding]:
    """A placement whose pods go on fetching for themselves where the cluster has a place that they could share."""
    if not (item.cluster.kubernetes and item.cluster_spec.shared_storage_class):
        return
    setting, why = _obstacle(described)
    if setting and described.settings.kind not in _ELSEWHERE:
        yield kinds.WEIGHTS_NOT_SHARED.at(
            item.at(setting),
            f"the replicas of {item.service} do not share their weights",
            cause=f"{why}; each new pod of it downloads again, as without `sharedStorageClass`",
            help=_help(setting),
        )


def _obstacle(described: Described) -> tuple[str, str]:
    return _of(described.settings.engine).unshared(described.args, described.env)


def _of(name: str) -> Engine:
    engine: Engine = load(ENGINES[name])
    return engine


def _help(setting: str) -> str:
    accept = "accept this finding if that is meant"
    if setting == "engine":
        able = [name for name in ENGINES if not _of(name).unshared({}, {})[0]]
        return f"serve the model with {' or '.join(f'`{name}`' for name in able)}, or {accept}"
    name = setting.partition(".")[2]
    return f"leave `{name}` out, fill a claim of your own and name it (`source: {{pvc: ...}}`), or {accept}"
