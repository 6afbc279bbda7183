"""What stands on top of a file: what it is, who wrote it, and how it is used."""

from generator.core.plan import Plan


def header(what: str, *usage: str) -> str:
    """The lines of a header, for the emitter to make comments of."""
    return "\n".join([f"{what}. Written by gen; change the spec.", *usage])


def owner(plan: Plan) -> str:
    """Whose file it is: `fleet acme, environment prod`."""
    return f"fleet {plan.fleet}, environment {plan.environment}"
