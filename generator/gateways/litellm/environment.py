"""The variables of LiteLLM's container: its own, and those that hold secrets."""

from generator.core.plan import SecretRef

DATABASE = "DATABASE_URL"
"""Where the proxy and its migrations look for their database, whatever the spec calls it."""

OWN = frozenset(
    {
        DATABASE,
        "DISABLE_ADMIN_UI",
        "DISABLE_SCHEMA_UPDATE",
        "GRACEFUL_SHUTDOWN_TIMEOUT",
        "HOME",
        "INITIAL_RETRY_DELAY",
        "LITELLM_LOCAL_MODEL_COST_MAP",
        "LITELLM_MIGRATION_DIR",
        "LITELLM_MODE",
        "MAX_RETRY_DELAY",
        "NO_DOCS",
        "NO_OPENAPI",
        "NO_REDOC",
        "PATH",
    }
)
"""What the container sets, or cannot run without."""

_ASIDE = "SECRET__"


def variable(ref: SecretRef) -> str:
    """The variable that holds a secret; one that is called like a variable of the container's own steps aside."""
    return f"{_ASIDE}{ref.env}" if ref.env in OWN or ref.env.startswith(_ASIDE) else ref.env


def environment(ref: SecretRef) -> str:
    """A secret as LiteLLM reads it from its environment."""
    return f"os.environ/{variable(ref)}"
