"""The made-up secrets of the bench."""

MASTER_KEY = "sk-master-0123456789abcdef"
ENGINE_KEY = "sk-engine-0123456789abcdef"


def secret(name: str) -> str:
    """The made-up value of a variable; the same name has the same value each time."""
    given = {"LITELLM_MASTER_KEY": MASTER_KEY, "ENVOY_MASTER_KEY": MASTER_KEY, "ENGINE_KEY": ENGINE_KEY}
    return given.get(name, f"sk-made-up-{name.lower()}")
