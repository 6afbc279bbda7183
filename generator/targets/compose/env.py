"""Secrets in Compose: a variable of the caller's `.env`, asked for by name, and a list of who uses it."""

from collections.abc import Mapping, Sequence
from typing import Any

from generator.core.plan import SecretRef, SecretUse
from generator.render.header import purposes


class Variables:
    """The variables one project asks for, and which services use each."""

    def __init__(self) -> None:
        self.users: dict[str, set[str]] = {}

    def reference(self, secret: SecretRef, service: str) -> str:
        """The Compose expression for a secret; Compose stops with the variable's name when it is missing."""
        self.users.setdefault(secret.env, set()).add(service)
        return f"${{{secret.env}:?set {secret.env} in .env}}"

    def environment(self, env: Mapping[str, str | SecretRef], service: str) -> dict[str, str]:
        """A service's environment: text as it is, secrets by reference."""
        return {
            name: self.reference(value, service) if isinstance(value, SecretRef) else literal(value)
            for name, value in env.items()
        }


def literal(value: Any) -> Any:
    """Data in which Compose replaces nothing: every `$` of its texts is doubled."""
    if isinstance(value, str):
        return value.replace("$", "$$")
    if isinstance(value, Mapping):
        return {key: literal(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [literal(item) for item in value]
    return value


def example(variables: Variables, secrets: Mapping[SecretRef, Sequence[SecretUse]]) -> str:
    """The text of `.env.example`: each variable, empty, below what it is for and the services that use it."""
    lines = ["# Copy to .env and fill in. Keep .env out of git."]
    by_variable = {secret.env: uses for secret, uses in secrets.items()}
    for name in sorted(variables.users):
        purpose = purposes(by_variable.get(name, ()))
        lines += ["", *([f"# {purpose}"] if purpose else [])]
        lines += [f"# {', '.join(sorted(variables.users[name]))}", f"{name}="]
    if not variables.users:
        lines += ["", "# This project asks for no secret."]
    return "\n".join(lines) + "\n"
