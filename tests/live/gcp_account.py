"""What the Google Cloud of the tests answers, in the form of its REST interfaces."""

from typing import Any

from tests.live.cases import Case
from tests.live.loopback import Answer, Reply, hang, reply

SPEC = """\
apiVersion: fleetgen/v1
name: live-chat
clusters:
  euw4:
    platform: gke
    region: europe-west4
    cluster: {existing: platform-euw4, project: acme}
    state: {gcs: {bucket: acme-tfstate}}
    pools:
      l4:
        gpu: l4
        instanceTypes: [g2-standard-8]
        nodes: {min: 0, max: 4}
        capacity: [spot, on-demand]
        zones: [europe-west4-a, europe-west4-b]
models:
  small:
    source: {huggingface: Qwen/Qwen3-8B}
    engine: {name: vllm, version: 0.33.0}
    context: 8192
    placements:
      euw4: {cluster: euw4, pool: l4}
"""
RESERVED = (("capacity: [spot, on-demand]", "capacity: [reserved]\n        reservation: {id: l4-block}"),)
PROJECT = "/compute/v1/projects/acme"
REGION = f"{PROJECT}/regions/europe-west4"
CLUSTER = "/v1/projects/acme/locations/europe-west4/clusters/platform-euw4"
LISTED = f"{PROJECT}/aggregated"
BUCKET = "/storage/v1/b/acme-tfstate"


def error(code: int, status: str, message: str = "told by the test", **reasons: str) -> Reply:
    """An error in Google's form; `errors` and `details` bear the reason."""
    body: dict[str, Any] = {"code": code, "message": message, "status": status}
    form = {"@type": "type.googleapis.com/google.rpc.ErrorInfo"}
    for place, reason in reasons.items():
        body[place] = [{**(form if place == "details" else {}), "reason": reason, "domain": "global"}]
    return reply({"error": body}, code)


def quotas(limit: float, everywhere: float = 64.0, used: float = 0.0) -> dict[str, Answer]:
    """Region and project with one limit for L4s, and one for all GPUs."""
    metrics = ("NVIDIA_L4_GPUS", "PREEMPTIBLE_NVIDIA_L4_GPUS")
    regional = [{"metric": metric, "limit": limit, "usage": used} for metric in metrics]
    project = [{"metric": "GPUS_ALL_REGIONS", "limit": everywhere, "usage": used}]
    return {
        f"GET {REGION}": reply({"name": "europe-west4", "status": "UP", "quotas": regional}),
        f"GET {PROJECT}": reply({"name": "acme", "quotas": project}),
    }


def zonal(what: str, rows: dict[str, Any]) -> Reply:
    """An aggregated list: zones without any have a warning, as Google has it."""
    items: dict[str, Any] = {f"zones/{zone}": {what: [row]} for zone, row in rows.items()}
    items["zones/us-central1-a"] = {"warning": {"code": "NO_RESULTS_ON_PAGE"}}
    return reply({"kind": f"compute#{what}AggregatedList", "items": items})


def machines(*zones: str) -> Reply:
    card = {"guestAcceleratorType": "nvidia-l4", "guestAcceleratorCount": 1}
    row = {"name": "g2-standard-8", "guestCpus": 8, "memoryMb": 32768, "accelerators": [card]}
    return zonal("machineTypes", {zone: {**row, "zone": zone} for zone in zones})


def cards(*zones: str) -> Reply:
    return zonal("acceleratorTypes", {zone: {"name": "nvidia-l4"} for zone in zones})


def nodes(count: int) -> Reply:
    url = f"https://www.googleapis.com{PROJECT}/zones/europe-west4-a/machineTypes/g2-standard-8"
    row = {"name": "n", "status": "RUNNING", "machineType": url, "scheduling": {"provisioningModel": "STANDARD"}}
    return reply({"items": {"zones/europe-west4-a": {"instances": [row] * count}}} if count else {})


def cluster(status: int = 2, *zones: str) -> Reply:
    """The client asks for numbers: 2 is RUNNING, 3 is RECONCILING."""
    found = {"name": "platform-euw4", "status": status, "currentMasterVersion": "1.34.1-gke.100"}
    return reply({**found, "locations": list(zones or ("europe-west4-a", "europe-west4-b", "europe-west4-c"))})


def reservation(
    status: str = "READY", type_: str = "g2-standard-8", zone: str = "europe-west4-a", total: int = 4, used: int = 0
) -> Reply:
    specific = {"count": str(total), "inUseCount": str(used), "instanceProperties": {"machineType": type_}}
    row = {"name": "l4-block", "status": status, "zone": zone, "specificReservation": specific}
    return zonal("reservations", {zone: row})


def bucket(*, versions: bool) -> Reply:
    return reply({"name": "acme-tfstate", "location": "EU", **({"versioning": {"enabled": True}} if versions else {})})


FINE: dict[str, Answer] = {
    "POST /token": reply({"access_token": "t", "expires_in": 3600, "token_type": "Bearer"}),
    **quotas(64.0),
    f"GET {CLUSTER}": cluster(),
    f"GET {LISTED}/machineTypes": machines("europe-west4-a", "europe-west4-b", "europe-west4-c"),
    f"GET {LISTED}/acceleratorTypes": cards("europe-west4-a", "europe-west4-b", "europe-west4-c"),
    f"GET {LISTED}/instances": nodes(0),
    f"GET {LISTED}/reservations": reservation(),
    f"GET {BUCKET}": bucket(versions=True),
}
"""What is answered where a case says nothing else."""

CASES = [
    Case("no credentials", "GEN501", 4, says=("google.auth.default", "gcloud auth application-default login")),
    Case(
        "expired token",
        "GEN502",
        4,
        {"POST /token": reply({"error": "invalid_grant", "error_description": "Token has been expired"}, 400)},
        says=("invalid_grant", "application-default login"),
        line=4,
    ),
    Case(
        "denied permission",
        "GEN503",
        4,
        {f"GET {LISTED}/reservations": error(403, "PERMISSION_DENIED", errors="forbidden")},
        RESERVED,
        says=("needs compute.reservations.list", "docs/preflight.md"),
        line=15,
    ),
    Case(
        "throttling",
        "GEN504",
        4,
        {f"GET {LISTED}/machineTypes": error(403, "PERMISSION_DENIED", errors="rateLimitExceeded")},
        says=("compute.machineTypes.list", "rateLimitExceeded"),
    ),
    Case("timeout", "GEN505", 4, {f"GET {CLUSTER}": hang(6)}, says=("container.clusters.get", "--timeout")),
    Case("no network", "GEN506", 4, says=("HTTPS_PROXY",), line=4),
    Case("missing extra", "GEN507", 4, says=("pip install 'fleetgen[gcp]'",), line=4),
    Case(
        "a reply of a proxy",
        "GEN508",
        4,
        {f"GET {BUCKET}": Reply(200, b"<html>please log in</html>", "text/html")},
        says=("storage.buckets.get", "please log in"),
    ),
    Case("account that cannot be used", "GEN510", 1, {f"GET {PROJECT}": error(404, "NOT_FOUND")}, says=("'acme'",)),
    Case(
        "interface not enabled",
        "GEN510",
        1,
        {f"GET {CLUSTER}": error(403, "PERMISSION_DENIED", "GKE has not been used", details="SERVICE_DISABLED")},
        says=("GKE has not been used", "SERVICE_DISABLED"),
        line=7,
    ),
    Case("wrong region", "GEN511", 1, {f"GET {REGION}": error(404, "NOT_FOUND")}, says=("europe-west4",), line=6),
    Case(
        "missing cluster",
        "GEN512",
        1,
        {f"GET {CLUSTER}": error(404, "NOT_FOUND")},
        says=("no cluster 'platform-euw4' in europe-west4", "project acme"),
        line=7,
    ),
    Case(
        "cluster in another state",
        "GEN513",
        1,
        {f"GET {CLUSTER}": cluster(3)},
        says=("its state is RECONCILING",),
        line=7,
    ),
    Case(
        "type not offered",
        "GEN520",
        1,
        {f"GET {LISTED}/machineTypes": machines()},
        says=("g2-standard-8 is not offered",),
        line=10,
    ),
    Case(
        "type in other zones only",
        "GEN521",
        1,
        {f"GET {LISTED}/acceleratorTypes": cards("europe-west4-a", "europe-west4-c")},
        says=("not offered in europe-west4-b", "zones: [europe-west4-a, europe-west4-c]"),
        line=10,
    ),
    Case(
        "quota too small",
        "GEN530",
        1,
        quotas(3.0),
        says=("PREEMPTIBLE_NVIDIA_L4_GPUS", "4 GPUs needed, 3 left"),
        line=10,
    ),
    Case("account without quota", "GEN530", 1, quotas(64.0, 0.0), says=("GPUS_ALL_REGIONS", "the limit is 0")),
    Case(
        "quota not listed",
        "GEN531",
        0,
        {f"GET {REGION}": reply({"name": "europe-west4", "status": "UP", "quotas": []})},
        says=("lists no quota NVIDIA_L4_GPUS",),
        line=10,
    ),
    Case(
        "missing reservation", "GEN540", 1, {f"GET {LISTED}/reservations": zonal("reservations", {})}, RESERVED, line=15
    ),
    Case(
        "reservation not active",
        "GEN541",
        1,
        {f"GET {LISTED}/reservations": reservation("CREATING")},
        RESERVED,
        says=("is CREATING",),
        line=15,
    ),
    Case(
        "reservation of another type",
        "GEN542",
        1,
        {f"GET {LISTED}/reservations": reservation(type_="g2-standard-4")},
        RESERVED,
        says=("is for g2-standard-4",),
        line=15,
    ),
    Case(
        "reservation in another zone",
        "GEN542",
        1,
        {f"GET {LISTED}/reservations": reservation(zone="europe-west4-c")},
        RESERVED,
        says=("is in europe-west4-c",),
        line=15,
    ),
    Case(
        "reservation too small",
        "GEN543",
        1,
        {f"GET {LISTED}/reservations": reservation(total=2)},
        RESERVED,
        says=("holds 2 machines, the pool may have 4",),
        line=15,
    ),
    Case(
        "reservation in use",
        "GEN543",
        0,
        {f"GET {LISTED}/reservations": reservation(used=3)},
        RESERVED,
        says=("1 of the reservation's 4",),
        line=15,
    ),
    Case("missing bucket", "GEN550", 1, {f"GET {BUCKET}": error(404, "")}, says=("no bucket acme-tfstate",), line=8),
    Case(
        "bucket that refuses",
        "GEN503",
        4,
        {f"GET {BUCKET}": error(403, "", errors="forbidden")},
        says=("needs storage.buckets.get",),
        line=8,
    ),
    Case("bucket without versions", "GEN552", 0, {f"GET {BUCKET}": bucket(versions=False)}, line=8),
]
