"""A subscription of Azure, asked what a plan needs of it."""

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from generator.catalog import quotas
from generator.core.kinds import live as kinds
from generator.core.plan import ClusterPlan, NodePool
from generator.core.plan.clouds.aks import AksCluster, AksNodes
from generator.core.plan.nodes import half
from generator.core.plan.state import AzurermState, TerraformState
from generator.live.answers import ClusterFacts, Limits, NotAnsweredError, Offering, Quota, Reservation, Running, Store
from generator.live.azure import session
from generator.live.rest import MissingError, Rest
from generator.live.work import Once

PERMISSIONS = {
    "Microsoft.Compute/capacityReservationGroups/capacityReservations/read": "the reservation",
    "Microsoft.Compute/locations/usages/read": "quotas and what is used of them",
    "Microsoft.Compute/skus/read": "the zones that offer a size, and its restrictions",
    "Microsoft.ContainerService/managedClusters/read": "the cluster and its nodes",
    "Microsoft.Resources/subscriptions/locations/read": "the region",
    "Microsoft.Resources/subscriptions/read": "the subscription",
    "Microsoft.Storage/storageAccounts/blobServices/containers/read": "the container of the state",
    "Microsoft.Storage/storageAccounts/blobServices/read": "whether the state keeps versions",
    "Microsoft.Storage/storageAccounts/read": "the storage account of the state",
}
"""Every permission that a preflight uses, and what for; the role Reader has them all. docs/preflight.md lists them."""

_VERSIONS = {
    "compute": "2024-07-01",
    "skus": "2021-07-01",
    "containers": "2024-09-01",
    "resources": "2022-12-01",
    "storage": "2023-05-01",
}
"""The version of each interface whose replies are read here."""


def connect(cluster: ClusterPlan, limits: Limits) -> "AzureAccount":
    """The subscription of a cluster, or the one that Terraform's provider would take."""
    rest, token = session.sign_in(limits)
    subscription = cluster.of(AksCluster).subscription
    named = subscription or os.environ.get("ARM_SUBSCRIPTION_ID") or os.environ.get("AZURE_SUBSCRIPTION_ID")
    return AzureAccount(rest, named or only_subscription(rest), token.who())


def only_subscription(rest: Rest) -> str:
    """The subscription that these credentials see, where it is one.

    Raises:
        NotAnsweredError: there are none, or several.
    """
    permission, url = "Microsoft.Resources/subscriptions/read", f"{session.MANAGEMENT}/subscriptions"
    subscriptions = rest.get(permission, url, **{"api-version": _VERSIONS["resources"]})["value"]
    if len(subscriptions) == 1:
        return str(subscriptions[0]["subscriptionId"])
    ids = ", ".join(row["subscriptionId"] for row in subscriptions)
    raise NotAnsweredError(
        kinds.NO_ACCOUNT,
        "it is not known which subscription is meant",
        permission,
        f"these credentials see {len(subscriptions)} subscriptions{': ' if ids else ''}{ids}",
        cure="add `subscription: ID` to `cluster`, or set ARM_SUBSCRIPTION_ID",
    )


class AzureAccount:
    """One subscription. `who` is who asks, as the token says."""

    every_zone = True
    project_wide: frozenset[str] = frozenset()

    def __init__(self, rest: Rest, subscription: str, who: str) -> None:
        self._rest = rest
        self._who = who
        self._id = subscription
        self._base = f"{session.MANAGEMENT}/subscriptions/{subscription}"
        self._clusters: Once[tuple[str, str], dict[str, Any] | None] = Once(self._describe)
        self._sizes: Once[str, Mapping[str, Any]] = Once(self._describe_sizes)
        self._usages: Once[str, Mapping[str, Any]] = Once(self._describe_usages)

    def identity(self) -> str:
        """The subscription, and who asks."""
        try:
            subscription = self._read("Microsoft.Resources/subscriptions/read", "", "resources")
        except MissingError as error:
            raise self._unusable(error.said) from error
        if subscription.get("state") != "Enabled":
            raise self._unusable(f"its state is {subscription.get('state')}")
        return f"subscription {subscription.get('displayName', '')} ({self._id}) as {self._who or 'unknown'}"

    def _unusable(self, said: str) -> NotAnsweredError:
        message = f"the subscription {self._id!r} cannot be used"
        return NotAnsweredError(kinds.NO_ACCOUNT, message, "", said, cure="check its id and its state")

    def _read(self, permission: str, path: str, version: str, **query: str) -> dict[str, Any]:
        return self._rest.get(permission, f"{self._base}{path}", **{"api-version": _VERSIONS[version], **query})

    def _list(self, permission: str, path: str, version: str, **query: str) -> Iterator[dict[str, Any]]:
        asked = {"api-version": _VERSIONS[version], **query}
        for rows in self._rest.pages(permission, f"{self._base}{path}", "value", session.next_page, **asked):
            yield from rows

    def region_problem(self, region: str) -> str:
        """Why the region cannot be used; empty where it can."""
        permission = "Microsoft.Resources/subscriptions/locations/read"
        names = {row["name"] for row in self._list(permission, "/locations", "resources")}
        return "" if region in names else f"the subscription has {len(names)} regions, none of this name"

    def cluster(self, cluster: ClusterPlan) -> ClusterFacts | None:
        """The cluster; its zones are those of each pool."""
        description = self._clusters((cluster.of(AksCluster).resource_group, cluster.existing))
        if description is None:
            return None
        properties = description["properties"]
        state, power = properties["provisioningState"], properties.get("powerState", {}).get("code", "Running")
        ready = (state, power) == ("Succeeded", "Running")
        status = state if power == "Running" else f"{state}, {power}"
        version = properties.get("currentKubernetesVersion") or properties.get("kubernetesVersion", "")
        return ClusterFacts(status, ready, version, region=_region(description["location"]))

    def _describe(self, key: tuple[str, str]) -> dict[str, Any] | None:
        group, name = key
        path = f"/resourceGroups/{group}/providers/Microsoft.ContainerService/managedClusters/{name}"
        try:
            return self._read("Microsoft.ContainerService/managedClusters/read", path, "containers")
        except MissingError:
            return None

    def zones(self, _: ClusterPlan, pool: NodePool) -> tuple[str, ...]:
        """The pool's own zones; without any its nodes need none."""
        return pool.of(AksNodes).zones

    def offerings(self, region: str, types: frozenset[str]) -> Mapping[str, Offering]:
        """The sizes with their zones, less those that the subscription may not use."""
        return {name: _offering(row, region) for name, row in self._sizes(region).items() if name in types}

    def _describe_sizes(self, region: str) -> Mapping[str, Any]:
        asked = {"$filter": f"location eq '{region}'"}
        rows = self._list("Microsoft.Compute/skus/read", "/providers/Microsoft.Compute/skus", "skus", **asked)
        return {row["name"]: row for row in rows if row.get("resourceType") == "virtualMachines"}

    def sizes(self, region: str) -> Mapping[str, Any]:
        """All sizes of a region, as Azure describes them."""
        return self._sizes(region)

    def running(self, cluster: ClusterPlan) -> Running:
        """The nodes that the cluster's pools count."""
        description = self._clusters((cluster.of(AksCluster).resource_group, cluster.existing)) or {"properties": {}}
        counts: Counter[tuple[str, str]] = Counter()
        for pool in description["properties"].get("agentPoolProfiles", ()):
            capacity = "spot" if pool.get("scaleSetPriority") == "Spot" else "on-demand"
            counts[pool["vmSize"], capacity] += int(pool.get("count", 0))
        return counts

    def draws(self, pool: NodePool, type_: str, offering: Offering, capacity: str) -> Mapping[str, float]:
        """vCPUs: of the size's family and of the region, or of all spot nodes together."""
        codes = [entry.code for entry in quotas.of_family("azure", offering.family, capacity)]
        family = [offering.family] if capacity == "on-demand" and offering.family else []
        return {code: float(offering.vcpus) for code in (*family, *codes)}

    def quota(self, region: str, code: str) -> Quota | None:
        """A quota of the region with what is used of it."""
        row = self._usages(region).get(code.lower())
        if row is None:
            return None
        name = row["name"].get("localizedValue", code)
        return Quota(code, name, "vCPUs", float(row["limit"]), float(row["currentValue"]))

    def _describe_usages(self, region: str) -> Mapping[str, Any]:
        path = f"/providers/Microsoft.Compute/locations/{region}/usages"
        rows = self._list("Microsoft.Compute/locations/usages/read", path, "compute")
        return {row["name"]["value"].lower(): row for row in rows}

    def reservation(self, _: ClusterPlan, pool: NodePool) -> Reservation | None:
        """The reservations of a group. Types are those of all of them, numbers those of the pool's types."""
        permission = "Microsoft.Compute/capacityReservationGroups/capacityReservations/read"
        url = f"{session.MANAGEMENT}{pool.reservation}/capacityReservations"
        asked = {"api-version": _VERSIONS["compute"]}
        try:
            pages = list(self._rest.pages(permission, url, "value", session.next_page, **asked))
        except MissingError:
            return None
        rows = [row for page in pages for row in page]
        own = [row for row in rows if row["sku"]["name"] in pool.instance_types] or rows
        states = sorted({row["properties"].get("provisioningState", "") for row in own})
        total = sum(int(row["sku"].get("capacity", 0)) for row in own)
        used = sum(len(row["properties"].get("virtualMachinesAssociated", ())) for row in own)
        return Reservation(
            "/".join(states) or "empty",
            not rows or states == ["Succeeded"],
            tuple(sorted({row["sku"]["name"] for row in rows})),
            tuple(sorted({zone for row in own for zone in row.get("zones", ())})),
            total,
            total - used,
        )

    def store(self, _: ClusterPlan, state: TerraformState) -> Store | None:
        """The container of the storage account, which is looked for in the subscription."""
        blob = half(state, AzurermState)
        accounts = self._list(
            "Microsoft.Storage/storageAccounts/read", "/providers/Microsoft.Storage/storageAccounts", "storage"
        )
        id_ = next((row["id"] for row in accounts if row["name"] == blob.account), "")
        if not id_:
            return None
        service, asked = f"{session.MANAGEMENT}{id_}/blobServices/default", {"api-version": _VERSIONS["storage"]}
        kept = self._rest.get("Microsoft.Storage/storageAccounts/blobServices/read", service, **asked)
        permission = "Microsoft.Storage/storageAccounts/blobServices/containers/read"
        try:
            self._rest.get(permission, f"{service}/containers/{blob.container}", **asked)
        except MissingError:
            return None
        return Store("", bool(kept["properties"].get("isVersioningEnabled")))


def _offering(row: Mapping[str, Any], region: str) -> Offering:
    zones = {
        zone
        for info in row.get("locationInfo", ())
        if _region(info["location"]) == region
        for zone in info.get("zones", ())
    }
    closed = ""
    for limit in row.get("restrictions", ()):
        if limit["type"] == "Location":
            closed = limit.get("reasonCode", "restricted")
        else:
            zones -= set(limit.get("restrictionInfo", {}).get("zones", ()))
    capabilities = {item["name"]: item["value"] for item in row.get("capabilities", ())}
    vcpus = int(capabilities.get("vCPUsAvailable") or capabilities["vCPUs"])
    return Offering(frozenset(zones), vcpus, row.get("family", ""), closed)


def _region(name: str) -> str:
    """`West Europe` and `WestEurope` are `westeurope`."""
    return name.replace(" ", "").lower()
