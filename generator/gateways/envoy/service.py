"""Envoy's container: started by a script that ends it without cutting off calls, and that is its health check."""

from generator.core.plan import GatewayPlan, Port, ResourcePlan
from generator.core.plan.service import FilePath, Files, Health, Service
from generator.gateways.calls import public_paths
from generator.gateways.envoy.words import BOOTSTRAP, DISCOVERY, HEALTH, HOME, METRICS_PATH, METRICS_PORT, PORT, RUN

_RUN = ("bash", FilePath(RUN))

MEMORY_LIMIT_GIB = 1.0
"""66 MiB at rest; each open call holds its prompt until it has a first token."""


def service(gateway: GatewayPlan) -> Service:
    """What Envoy needs."""
    return Service(
        image=gateway.image,
        ports=(Port("http", PORT), Port("metrics", METRICS_PORT)),
        files=Files((BOOTSTRAP, RUN), watched="xds", apart=HOME, together=DISCOVERY),
        health=Health(
            ready=HEALTH,
            alive=HEALTH,
            command=(*_RUN, "healthy"),
            failures=3,
            start_s=30,
            longest_start_s=60,
            poll_s=2,
        ),
        drain_s=gateway.longest_call_s,
        # By itself it ends at SIGTERM without waiting for running calls. The image's entry point wants root.
        command=_RUN,
        unprivileged=True,
        args=(str(gateway.longest_call_s), "-c", FilePath(BOOTSTRAP), "--disable-hot-restart"),
        env={**gateway.given, **gateway.env},
        # No key is in the environment.
        secret_files=(*gateway.secrets, *(tenant.key for tenant in gateway.tenants)),
        metrics_path=METRICS_PATH,
        resources=ResourcePlan(cpu="500m", memory_gib=0.25, memory_limit_gib=MEMORY_LIMIT_GIB),
        public_paths=public_paths(gateway),
    )
