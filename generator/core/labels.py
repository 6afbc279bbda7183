"""Labels and tags by which parts of a fleet know each other; each stands once."""

POOL = "fleetgen.dev/pool"
"""On nodes: the pool that they are of."""

GATEWAY = "fleetgen.dev/gateway"
"""On pods, or on namespaces of pods, that the models' network policies let in: `true`."""

ADMITTED = f"{GATEWAY}=true"

FILES_DIGEST = "fleetgen.dev/files"
"""On Compose services: a digest of the user's own files in them."""

PART_OF = "app.kubernetes.io/part-of"
INSTANCE = "app.kubernetes.io/instance"


def part_of(fleet: str) -> dict[str, str]:
    """The label of every object of a fleet."""
    return {PART_OF: fleet}


def tags(fleet: str, environment: str) -> dict[str, str]:
    """What a fleet's things in a cloud carry."""
    return {"fleetgen.dev/environment": environment, "fleetgen.dev/fleet": fleet}


def plain_tags(fleet: str, environment: str) -> dict[str, str]:
    """The same where tags have neither dots nor slashes."""
    return {"fleetgen-environment": environment, "fleetgen-fleet": fleet}
