"""What the user wrote: frozen types with camelCase names. The JSON Schema is generated from these classes."""

from generator.core.spec.base import Secret, SecretKey, SpecModel
from generator.core.spec.cloud import CloudCluster, CreatedCluster
from generator.core.spec.cluster import Cluster, Endpoint, Prometheus
from generator.core.spec.expose import Expose, PodRange
from generator.core.spec.fleet import Acceptance, Fleet, Images, Patch
from generator.core.spec.model import (
    Argument,
    Engine,
    Image,
    Model,
    ModelSettings,
    Placement,
    Replicas,
    Resources,
    Source,
    Toleration,
)
from generator.core.spec.network import Authorities, Network, Proxy
from generator.core.spec.pool import NodeRange, Pool, Taint, Upgrade
from generator.core.spec.route import (
    BackendRef,
    Backoff,
    Budget,
    ContextRule,
    Cooldown,
    Gateway,
    Limits,
    ModelRef,
    Provider,
    Retries,
    Route,
    Shadow,
    Tenant,
    Timeouts,
)
from generator.core.spec.state import State

__all__ = [
    "Acceptance",
    "Argument",
    "Authorities",
    "BackendRef",
    "Backoff",
    "Budget",
    "CloudCluster",
    "Cluster",
    "ContextRule",
    "Cooldown",
    "CreatedCluster",
    "Endpoint",
    "Engine",
    "Expose",
    "Fleet",
    "Gateway",
    "Image",
    "Images",
    "Limits",
    "Model",
    "ModelRef",
    "ModelSettings",
    "Network",
    "NodeRange",
    "Patch",
    "Placement",
    "PodRange",
    "Pool",
    "Prometheus",
    "Provider",
    "Proxy",
    "Replicas",
    "Resources",
    "Retries",
    "Route",
    "Secret",
    "SecretKey",
    "Shadow",
    "Source",
    "SpecModel",
    "State",
    "Taint",
    "Tenant",
    "Timeouts",
    "Toleration",
    "Upgrade",
]
