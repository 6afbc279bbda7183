"""Where in the spec a setting of a request was written, for findings."""

from generator.core.finding import Path
from generator.core.plan import ServingRequest


def place(request: ServingRequest, setting: str) -> Path:
    """The nearest written path of a setting, by its attribute name."""
    return request.at.get(setting, request.path)


def argument_path(request: ServingRequest, name: str) -> Path:
    """The path of one engine argument."""
    return request.at.get(f"args.{name}", (*place(request, "engine"), "args", name))


def variable_path(request: ServingRequest, name: str) -> Path:
    """The path of one variable of `env`."""
    return request.at.get(f"env.{name}", (*place(request, "env"), name))
