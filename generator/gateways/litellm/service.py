"""LiteLLM's container: the proxy's own image, told its port and its configuration."""

from collections.abc import Mapping

from generator.core.plan import GatewayPlan, Port, ResourcePlan, SecretRef
from generator.core.plan.service import FilePath, Files, Health, Job, Scratch, Service
from generator.gateways.calls import public_paths
from generator.gateways.litellm.environment import DATABASE, variable

CONFIG = "config.yaml"
PORT = Port("http", 4000)
METRICS_PORT = Port("metrics", 4001)
READY = "/health/readiness"
ALIVE = "/health/liveliness"  # sic
TEMPORARY = "/tmp"  # noqa: S108 - a folder of the container, its own disk

# The image is not sure to have curl. `/health` itself would call every model, and cost tokens. A proxy in the
# environment is for calls that leave the container.
_ALIVE = (
    "import urllib.request as r; "
    f"r.build_opener(r.ProxyHandler({{}})).open('http://127.0.0.1:{PORT.number}{ALIVE}', timeout=4)"
)


def service(gateway: GatewayPlan) -> Service:
    """What the proxy needs."""
    return Service(
        image=gateway.image,
        ports=(PORT, METRICS_PORT),
        # A volume at /app would hide the program.
        files=Files((CONFIG,), apart="/app", together="/etc/gateway"),
        health=Health(
            ready=READY,
            alive=ALIVE,
            command=("python3", "-c", _ALIVE),
            failures=5,
            start_s=120,
            longest_start_s=300,
            poll_s=5,
        ),
        drain_s=gateway.longest_call_s,
        args=("--config", FilePath(CONFIG), "--port", str(PORT.number)),
        env=_environment(gateway),
        # The samples of the metrics, and whatever libraries keep in a home.
        scratch=(Scratch(TEMPORARY, 1.0, {"HOME": TEMPORARY}),),
        metrics_path="/metrics",
        # The metrics on the port of callers ask for a key, and only the master key will do, which would make Prometheus
        # an administrator. So they have a port of their own, which a network policy opens to Prometheus alone.
        metrics_args=("--prometheus_metrics_port", str(METRICS_PORT.number)),
        # One process works on one core. It takes 0.4 GiB at rest and more with each open stream.
        resources=ResourcePlan(cpu="1", memory_gib=1.0, memory_limit_gib=2.0),
        before=_migration(gateway, gateway.database) if gateway.database else None,
        public_paths=public_paths(gateway),
    )


def _environment(gateway: GatewayPlan) -> Mapping[str, str | SecretRef]:
    """The configuration reads each secret by its variable; migrations look for the database by a name of their own."""
    secrets = {variable(secret): secret for secret in gateway.secrets if secret != gateway.database}
    own = {DATABASE: gateway.database} if gateway.database else {}
    return {**gateway.given, **gateway.env, **dict(sorted(secrets.items())), **own}


def _migration(gateway: GatewayPlan, database: SecretRef) -> Job:
    return Job(
        args=("--skip_server_startup",),
        env={
            **gateway.given,
            **gateway.env,
            # Migrations of a database that was not empty are written down first, beside copies of the others.
            "LITELLM_MIGRATION_DIR": f"{TEMPORARY}/migrations",
            DATABASE: database,
        },
        # Pods that start together must not try it all at once.
        afterwards={"DISABLE_SCHEMA_UPDATE": "True"},
    )
