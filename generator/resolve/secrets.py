"""A secret by reference, in the form each world asks for: an environment variable and a key of a Kubernetes secret."""

import re

from generator.core.errors import BugError
from generator.core.plan import SecretRef
from generator.core.spec import Fleet, Secret


def secret_ref(fleet: str, secret: Secret) -> SecretRef:
    """Both forms of a secret.

    `{env: X}` is key X of the secret `<fleet>-env`; `{secret: {name: a-b, key: c}}` is the variable `A_B_C`.

    Raises:
        BugError: neither form is written, which validation reports before.
    """
    if secret.env is not None:
        return SecretRef(env=secret.env, secret=f"{fleet}-env", key=secret.env)
    if secret.secret is not None:
        name, key = secret.secret.name, secret.secret.key
        return SecretRef(env=_env_name(f"{name}_{key}"), secret=name, key=key)
    raise BugError("a secret names neither an environment variable nor a Kubernetes secret")


def endpoint_key(fleet: Fleet, cluster: str) -> SecretRef | None:
    """The key that the engines of a cluster ask for and its callers send."""
    endpoint = fleet.clusters[cluster].endpoint
    return secret_ref(fleet.name, endpoint.key) if endpoint and endpoint.key else None


def _env_name(text: str) -> str:
    name = re.sub(r"[^A-Za-z0-9]", "_", text).upper()
    return f"_{name}" if name[0].isdigit() else name
