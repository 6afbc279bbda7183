"""How long a replica takes to start and to end. Constants on the patient side, until measured sizes replace them."""

import math

from generator.core.plan import ProbeTiming, Shutdown

# Engine start without the weights: imports, compilation, graph capture.
BASE_START_S = 300
# A hub download and a cold disk, both on the slow side; the probe must not kill a model that is still loading.
DOWNLOAD_MIB_S = 100
LOAD_MIB_S = 500
PATIENCE = 2
UNKNOWN_START_S = 3600

PRE_STOP_S = 15
DRAIN_UNROUTED_S = 120
DRAIN_LIMIT_S = 300
GRACE_MARGIN_S = 30


def startup(weights_gib: float) -> tuple[ProbeTiming, str]:
    """Probe timing for weights of this size (GiB; 0 means unknown), and why.

    Formula: 300 s + 2 x (weights / 100 MiB/s + weights / 500 MiB/s), in whole minutes.
    """
    if not weights_gib:
        return ProbeTiming(UNKNOWN_START_S), "size of the weights not known: one hour"
    mib = weights_gib * 1024
    total = BASE_START_S + PATIENCE * (mib / DOWNLOAD_MIB_S + mib / LOAD_MIB_S)
    seconds = math.ceil(total / 60) * 60
    why = (
        f"{BASE_START_S} s for the engine + {PATIENCE} x ({weights_gib:g} GiB at {DOWNLOAD_MIB_S} MiB/s download "
        f"+ {LOAD_MIB_S} MiB/s load)"
    )
    return ProbeTiming(seconds), why


def shutdown(longest_call_s: float, *, behind_endpoints: bool) -> tuple[Shutdown, str]:
    """How a replica ends, and why.

    Args:
        longest_call_s: the largest total timeout of the routes that use it, in seconds; 0 when none does.
        behind_endpoints: whether traffic stops only after endpoints have been withdrawn (Kubernetes).
    """
    drain = int(min(longest_call_s, DRAIN_LIMIT_S)) if longest_call_s else DRAIN_UNROUTED_S
    pre_stop = PRE_STOP_S if behind_endpoints else 0
    plan = Shutdown(pre_stop, drain, pre_stop + drain + GRACE_MARGIN_S)
    source = f"longest call {longest_call_s:g} s, at most {DRAIN_LIMIT_S} s" if longest_call_s else "no route uses it"
    return plan, f"{pre_stop} s until endpoints are gone + {drain} s drain ({source}) + {GRACE_MARGIN_S} s margin"


def cache_gib(weights_gib: float) -> tuple[float, str]:
    """Size of the model cache in GiB for weights of this size (0 means unknown), and why."""
    if not weights_gib:
        return 200.0, "size of the weights not known: 200 GiB"
    size = float(math.ceil((weights_gib * 1.2 + 10) / 10) * 10)
    return size, f"1.2 x {weights_gib:g} GiB weights + 10 GiB for compiled kernels, in tens"


def shm_gib(tensor_parallel: int) -> tuple[float, str]:
    """Size of /dev/shm in GiB, and why: ranks of one replica talk through it."""
    if tensor_parallel == 1:
        return 2.0, "one GPU: vLLM's documented 2 GiB"
    return 16.0, f"{tensor_parallel} ranks exchange tensors through it"
