"""What the Azure of the tests answers, in the form of the Resource Manager's examples."""

from typing import Any

from tests.live.cases import Case
from tests.live.loopback import Answer, Reply, hang, reply

ID = "00000000-0000-0000-0000-000000000001"
GROUP = f"/subscriptions/{ID}/resourceGroups/rg/providers/Microsoft.Compute/capacityReservationGroups/a100"
SIZE = "Standard_NC24ads_A100_v4"
FAMILY = "StandardNCADSA100v4Family"
SPEC = f"""\
apiVersion: fleetgen/v1
name: live-chat
clusters:
  weu:
    platform: aks
    region: westeurope
    cluster: {{existing: platform-weu, resourceGroup: rg-platform, subscription: {ID}}}
    state: {{azurerm: {{storageAccount: acmetfstate, container: tfstate}}}}
    pools:
      a100:
        gpu: a100-pcie-80gb
        instanceTypes: [{SIZE}]
        nodes: {{min: 0, max: 2}}
        capacity: [spot, on-demand]
        zones: ["1", "2"]
models:
  small:
    source: {{huggingface: Qwen/Qwen3-8B}}
    engine: {{name: vllm, version: 0.33.0}}
    context: 8192
    placements:
      weu: {{cluster: weu, pool: a100}}
"""
RESERVED = (("capacity: [spot, on-demand]", f"capacity: [reserved]\n        reservation: {{id: {GROUP}}}"),)
BASE = f"/subscriptions/{ID}"
CLUSTER = f"{BASE}/resourceGroups/rg-platform/providers/Microsoft.ContainerService/managedClusters/platform-weu"
SKUS = f"{BASE}/providers/Microsoft.Compute/skus"
USAGES = f"{BASE}/providers/Microsoft.Compute/locations/westeurope/usages"
ACCOUNTS = f"{BASE}/providers/Microsoft.Storage/storageAccounts"
ACCOUNT = f"{BASE}/resourceGroups/rg-state/providers/Microsoft.Storage/storageAccounts/acmetfstate"
BLOBS = f"{ACCOUNT}/blobServices/default"


def error(status: int, code: str, message: str = "told by the test") -> Reply:
    return reply({"error": {"code": code, "message": message}}, status)


def listed(*rows: Any) -> Reply:
    return reply({"value": list(rows)})


def size(*zones: str, restrictions: tuple[Any, ...] = (), name: str = SIZE) -> Reply:
    capabilities = {"vCPUs": "24", "MemoryGB": "220", "GPUs": "1", "vCPUsAvailable": "24", "LowPriorityCapable": "True"}
    disk = {"resourceType": "disks", "name": "Premium_LRS", "locations": ["westeurope"]}
    row = {
        "resourceType": "virtualMachines",
        "name": name,
        "tier": "Standard",
        "family": FAMILY,
        "locations": ["westeurope"],
        "locationInfo": [{"location": "westeurope", "zones": list(zones)}],
        "capabilities": [{"name": key, "value": value} for key, value in capabilities.items()],
        "restrictions": list(restrictions),
    }
    return listed(disk, row)


def restricted(kind: str, zones: tuple[str, ...] = ()) -> dict[str, Any]:
    info = {"locations": ["westeurope"], **({"zones": list(zones)} if zones else {})}
    reason = "NotAvailableForSubscription"
    return {"type": kind, "values": ["westeurope"], "restrictionInfo": info, "reasonCode": reason}


def usages(limit: float, used: float = 0.0, spot: float = 100.0) -> Reply:
    names = {FAMILY.upper(): ("Standard NCADSA100v4 Family vCPUs", limit), "cores": ("Total Regional vCPUs", 1000.0)}
    names["lowPriorityCores"] = ("Total Regional Low-priority vCPUs", spot)
    rows = [
        {"unit": "Count", "currentValue": used, "limit": value, "name": {"value": name, "localizedValue": words}}
        for name, (words, value) in names.items()
    ]
    return listed(*rows)


def cluster(state: str = "Succeeded", power: str = "Running", location: str = "westeurope", nodes: int = 0) -> Reply:
    pool = {"name": "a100od", "count": nodes, "vmSize": SIZE, "scaleSetPriority": "Regular"}
    properties = {
        "provisioningState": state,
        "powerState": {"code": power},
        "kubernetesVersion": "1.34",
        "currentKubernetesVersion": "1.34.1",
        "agentPoolProfiles": [{"name": "system", "count": 2, "vmSize": "Standard_D4s_v5"}, pool],
    }
    return reply({"name": "platform-weu", "location": location, "properties": properties})


def reservation(
    state: str = "Succeeded", size: str = SIZE, zones: tuple[str, ...] = ("1",), total: int = 2, used: int = 0
) -> Reply:
    machines = [{"id": f"{GROUP}/virtualMachines/{number}"} for number in range(used)]
    properties = {"provisioningState": state, "virtualMachinesAssociated": machines}
    return listed(
        {"name": "r", "sku": {"name": size, "capacity": total}, "zones": list(zones), "properties": properties}
    )


def blobs(*, versions: bool) -> Reply:
    return reply({"name": "default", "properties": {"isVersioningEnabled": versions}})


FINE: dict[str, Answer] = {
    f"GET {BASE}": reply({"subscriptionId": ID, "displayName": "Acme", "state": "Enabled"}),
    f"GET {BASE}/locations": listed({"name": "westeurope"}, {"name": "northeurope"}),
    f"GET {CLUSTER}": cluster(),
    f"GET {SKUS}": size("1", "2", "3"),
    f"GET {USAGES}": usages(100.0),
    f"GET {GROUP}/capacityReservations": reservation(),
    f"GET {ACCOUNTS}": listed({"id": ACCOUNT, "name": "acmetfstate"}),
    f"GET {BLOBS}": blobs(versions=True),
    f"GET {BLOBS}/containers/tfstate": reply({"name": "tfstate", "properties": {}}),
}
"""What is answered where a case says nothing else."""

NO_SUBSCRIPTION = ((f", subscription: {ID}", ""),)
CASES = [
    Case("no credentials", "GEN501", 4, says=("azure.identity", "az login"), line=4),
    Case("expired token", "GEN502", 4, {f"GET {BASE}": error(401, "ExpiredAuthenticationToken")}, line=4),
    Case(
        "denied permission",
        "GEN503",
        4,
        {f"GET {SKUS}": error(403, "AuthorizationFailed")},
        says=("needs Microsoft.Compute/skus/read", "docs/preflight.md"),
    ),
    Case(
        "throttling",
        "GEN504",
        4,
        {f"GET {USAGES}": error(429, "OperationNotAllowedByThrottling")},
        says=("Microsoft.Compute/locations/usages/read", "429"),
    ),
    Case("timeout", "GEN505", 4, {f"GET {CLUSTER}": hang(6)}, says=("managedClusters/read", "--timeout")),
    Case("no network", "GEN506", 4, says=("HTTPS_PROXY",), line=4),
    Case("missing extra", "GEN507", 4, says=("pip install 'fleetgen[azure]'",), line=4),
    Case(
        "a reply of a proxy",
        "GEN508",
        4,
        {f"GET {ACCOUNTS}": Reply(200, b"<html>please log in</html>", "text/html")},
        says=("please log in",),
        line=8,
    ),
    Case(
        "account that cannot be used",
        "GEN510",
        1,
        {f"GET {BASE}": reply({"subscriptionId": ID, "state": "Disabled"})},
        says=(ID, "its state is Disabled"),
        line=4,
    ),
    Case(
        "several subscriptions",
        "GEN510",
        1,
        {"GET /subscriptions": listed({"subscriptionId": "one"}, {"subscriptionId": "two"})},
        NO_SUBSCRIPTION,
        says=("see 2 subscriptions: one, two", "ARM_SUBSCRIPTION_ID"),
        line=4,
    ),
    Case(
        "wrong region",
        "GEN511",
        1,
        {f"GET {BASE}/locations": listed({"name": "northeurope"})},
        says=("1 regions, none of this name",),
        line=6,
    ),
    Case(
        "missing cluster",
        "GEN512",
        1,
        {f"GET {CLUSTER}": error(404, "ResourceNotFound")},
        says=("resource group rg-platform",),
        line=7,
    ),
    Case(
        "cluster in another region",
        "GEN512",
        1,
        {f"GET {CLUSTER}": cluster(location="northeurope")},
        says=("is in northeurope, not in westeurope",),
        line=7,
    ),
    Case(
        "cluster in another state",
        "GEN513",
        1,
        {f"GET {CLUSTER}": cluster(power="Stopped")},
        says=("its state is Succeeded, Stopped",),
        line=7,
    ),
    Case(
        "type not offered",
        "GEN520",
        1,
        {f"GET {SKUS}": size("1", name="Standard_D4s_v5")},
        says=(f"{SIZE} is not offered in westeurope",),
        line=10,
    ),
    Case(
        "type in other zones only",
        "GEN521",
        1,
        {f"GET {SKUS}": size("1", "2", "3", restrictions=(restricted("Zone", ("2",)),))},
        says=("not offered in 2", 'zones: ["1", "3"]'),
        line=10,
    ),
    Case(
        "type closed to the account",
        "GEN522",
        1,
        {f"GET {SKUS}": size(restrictions=(restricted("Location"),))},
        says=("NotAvailableForSubscription",),
        line=10,
    ),
    Case(
        "quota too small",
        "GEN530",
        1,
        {f"GET {USAGES}": usages(100.0, 60.0)},
        says=("lowPriorityCores", "48 vCPUs needed, 40 left", "60 in use"),
        line=10,
    ),
    Case("account without quota", "GEN530", 1, {f"GET {USAGES}": usages(0.0, spot=0.0)}, says=("the limit is 0",)),
    Case("quota not listed", "GEN531", 0, {f"GET {USAGES}": listed()}, says=("lists no quota cores",), line=10),
    Case(
        "missing reservation",
        "GEN540",
        1,
        {f"GET {GROUP}/capacityReservations": error(404, "ResourceNotFound")},
        RESERVED,
        line=15,
    ),
    Case(
        "reservation not active",
        "GEN541",
        1,
        {f"GET {GROUP}/capacityReservations": reservation("Deleting")},
        RESERVED,
        says=("is Deleting",),
        line=15,
    ),
    Case(
        "reservation of another type",
        "GEN542",
        1,
        {f"GET {GROUP}/capacityReservations": reservation(size="Standard_NC48ads_A100_v4")},
        RESERVED,
        says=("is for Standard_NC48ads_A100_v4",),
        line=15,
    ),
    Case(
        "reservation in another zone",
        "GEN542",
        1,
        {f"GET {GROUP}/capacityReservations": reservation(zones=("3",))},
        RESERVED,
        says=("is in 3",),
        line=15,
    ),
    Case(
        "reservation too small",
        "GEN543",
        1,
        {f"GET {GROUP}/capacityReservations": reservation(total=1)},
        RESERVED,
        says=("holds 1 machine,",),
        line=15,
    ),
    Case(
        "reservation in use",
        "GEN543",
        0,
        {f"GET {GROUP}/capacityReservations": reservation(used=1)},
        RESERVED,
        says=("1 of the reservation's 2",),
        line=15,
    ),
    Case("missing bucket", "GEN550", 1, {f"GET {ACCOUNTS}": listed()}, says=("container acmetfstate/tfstate",), line=8),
    Case("bucket without versions", "GEN552", 0, {f"GET {BLOBS}": blobs(versions=False)}, line=8),
]
