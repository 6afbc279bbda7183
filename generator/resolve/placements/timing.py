"""How long a replica takes to start and to end."""

import math

from generator.core.frozen import frozen
from generator.core.plan import ProbeTiming, Shutdown

ENGINE_S = 60
"""Imports, the driver, a first answer."""
COMPILE_LAYER_S = 1.5
"""Compiling one layer with nothing in the cache."""
CAPTURE_GRAPH_S = 0.5
LOAD_MIB_S = 500
"""Weights from a disk into GPUs; a network disk of the usual size gives half of what a local one does."""
SHARED_MIB_S = 250
"""Weights from a file system that the nodes reach over the network."""
PATIENCE = 2
"""A slow hub or a busy node must not make the probe kill a model that is still loading."""
UNKNOWN_START_S = 3600

PRE_STOP_S = 15
DRAIN_UNROUTED_S = 120
GRACE_MARGIN_S = 30
GRACE_LIMIT_S = 600
"""Autoscalers of nodes take a node away after ten minutes, whatever still runs there."""


@frozen
class Start:
    """What must be done before the first answer.

    GiB to load, 0 where unknown; the rate in MiB/s at which they are fetched before, 0 where they are there already;
    layers to compile and CUDA graphs to capture; the rate in MiB/s at which weights are loaded.
    """

    weights_gib: float
    download_mib_s: float
    layers: int = 0
    graphs: int = 0
    load_mib_s: float = LOAD_MIB_S


def startup(start: Start) -> tuple[ProbeTiming, str]:
    """Probe timing, and why. Without a known size one hour.

    Formula: 2 x (60 s + download + load at 500 MiB/s + 1.5 s a compiled layer + 0.5 s a graph), in whole minutes.
    """
    if not start.weights_gib:
        return ProbeTiming(UNKNOWN_START_S), "the size of the weights is not known: one hour"
    mib = start.weights_gib * 1024
    parts: list[tuple[float, str]] = [(ENGINE_S, "engine")]
    if start.download_mib_s:
        parts.append((mib / start.download_mib_s, f"download at {start.download_mib_s:g} MiB/s"))
    parts.append((mib / start.load_mib_s, f"load at {start.load_mib_s:g} MiB/s"))
    if start.layers:
        parts.append((COMPILE_LAYER_S * start.layers, f"compilation of {start.layers} layers"))
    if start.graphs:
        parts.append((CAPTURE_GRAPH_S * start.graphs, f"{start.graphs} CUDA graphs"))
    seconds = math.ceil(PATIENCE * sum(part for part, _ in parts) / 60) * 60
    listed = " + ".join(f"{part:.0f} s {what}" for part, what in parts)
    return ProbeTiming(seconds), f"{PATIENCE} x ({listed}) for {start.weights_gib:g} GiB, in whole minutes"


def fetch_s(weights_gib: float, mib_s: float) -> int:
    """How long a download may take, in seconds. Without a known size one hour."""
    return math.ceil(PATIENCE * weights_gib * 1024 / mib_s) if weights_gib else UNKNOWN_START_S


@frozen
class Calls:
    """What calls last, in seconds; 0 where it is not known.

    The largest total timeout of the routes that lead here, and the longest answer at the predicted speed, with its
    length in tokens.
    """

    timeout_s: float = 0.0
    answer_s: float = 0.0
    tokens: int = 0


def shutdown(calls: Calls, *, behind_endpoints: bool, spot_notice_s: int = 0) -> tuple[Shutdown, str]:
    """How a replica ends, and why.

    `behind_endpoints`: traffic stops only after endpoints have been withdrawn (Kubernetes). `spot_notice_s`: after
    which its node may be taken back, which a shorter drain would not help; 0 where it may not.
    """
    pre_stop = PRE_STOP_S if behind_endpoints else 0
    most = f"a node is taken away {GRACE_LIMIT_S} s after it is asked" if behind_endpoints else "ten minutes at most"
    limits = [(GRACE_LIMIT_S - pre_stop - GRACE_MARGIN_S, most)]
    if calls.timeout_s:
        limits.append((math.ceil(calls.timeout_s), "the routes' total timeout"))
    if calls.answer_s:
        limits.append((math.ceil(calls.answer_s), f"an answer of {calls.tokens} tokens at the predicted speed"))
    drain, why = min(limits)
    if len(limits) == 1:
        drain, why = DRAIN_UNROUTED_S, "no route leads here"
    cut = max(calls.timeout_s, 0) > drain and (not calls.answer_s or calls.answer_s > drain)
    plan = Shutdown(pre_stop, drain, pre_stop + drain + GRACE_MARGIN_S)
    parts = [f"{pre_stop} s until endpoints are gone"] if pre_stop else []
    parts += [f"{drain} s drain ({why}{'; longer calls are cut' if cut else ''})", f"{GRACE_MARGIN_S} s margin"]
    early = f"; a spot node ends {spot_notice_s} s after its notice, and calls with it"
    return plan, f"{' + '.join(parts)}{early if 0 < spot_notice_s < plan.grace_s else ''}"
