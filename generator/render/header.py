"""What stands on top of a file: what it is, who wrote it, and how it is used."""

from collections.abc import Sequence

from generator.core.plan import Plan, SecretUse


def header(what: str, *usage: str) -> str:
    """The lines of a header, for the emitter to make comments of."""
    return "\n".join([f"{what}. Written by gen; change the spec.", *usage])


def purposes(uses: Sequence[SecretUse]) -> str:
    """What a secret is for and what it looks like, as a line for whoever creates it."""
    forms = dict.fromkeys(use.form for use in uses if use.form)
    return ", ".join(["; ".join(dict.fromkeys(use.purpose for use in uses)), *forms])


def owner(plan: Plan) -> str:
    """Whose file it is: `fleet acme, environment prod`."""
    return f"fleet {plan.fleet}, environment {plan.environment}"
