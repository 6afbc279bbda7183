"""What callers ask of a route: one task for all its backends, whoever serves them."""

import re
from collections.abc import Iterator, Mapping, Sequence

from generator.catalog import reader
from generator.core.finding import Finding
from generator.core.kinds import routing as kinds
from generator.core.plan import Backend, Tier
from generator.core.tasks import Task, generates
from generator.resolve.routes.backends import View

_NAMED = re.compile(r"embed|rerank", re.IGNORECASE)


def task(seen: View, name: str, tiers: Sequence[Tier]) -> Task:
    """The task of a route: as written, that of its own models, that of a provider's model which is known, else `chat`.

    Adds a finding for each backend that is for another one.
    """
    backends = list({backend.id: backend for tier in tiers for backend in tier.backends}.values())
    own = {item.id: seen.fleet.models[item.fleet_model].task for item in backends if item.kind == "placement"}
    theirs = {item.id: their for item in backends if (their := _known(seen, item))}
    written = seen.fleet.routes[name].task
    known: list[Task] = [*own.values(), *theirs.values()]
    decided = written or (known[0] if known else "chat")
    seen.findings.extend(list(_mixed(name, backends, own, written)))
    for backend in backends:
        if backend.kind == "provider":
            seen.findings.extend(list(_refused(seen, backend, theirs.get(backend.id), decided)))
    if not (written or known):
        seen.findings.extend(list(_unclear(name, backends)))
    return decided


def _known(seen: View, backend: Backend) -> Task | None:
    """What a provider's model is for, where the catalogue knows it."""
    if backend.kind != "provider":
        return None
    facts = reader.provider_model(seen.fleet.providers[backend.provider].api, backend.model)
    return facts.task if facts else None


def _mixed(name: str, backends: Sequence[Backend], own: Mapping[str, Task], written: Task | None) -> Iterator[Finding]:
    """The first of the fleet's own models that is for another task than the route, or than the others."""
    meant = written or next(iter(own.values()), None)
    odd = next((backend for backend in backends if own.get(backend.id, meant) != meant), None)
    if odd is not None:
        found = sorted({*own.values(), *([written] if written else [])})
        said = [f"the route says {written}"] if written else []
        yield kinds.MIXED_TASKS.at(
            odd.path,
            f"route {name!r} mixes {' and '.join(found)}",
            cause="; ".join([*said, *(f"{key} is for {task}" for key, task in sorted(own.items()))]),
            help="give each task a route of its own",
        )


def _refused(seen: View, backend: Backend, known: Task | None, asked: Task) -> Iterator[Finding]:
    """A provider's model that is for something else. Providers' lists do not tell completions from chats.

    Which calls its gateway can word for another API than OpenAI's is the gateway's own matter.
    """
    api = seen.fleet.providers[backend.provider].api
    company = reader.providers().get(api)
    lacks = company is not None and asked not in company.tasks
    other = known is not None and known != asked and not (generates(known) and generates(asked))
    if not (lacks or other) or (lacks and backend.api != "openai"):
        return
    cure = "name a provider that has them" if lacks else f"name a model for {asked} here"
    yield kinds.PROVIDER_TASK.at(
        backend.path,
        f"{backend.id} does not answer {asked} calls",
        cause=f"the API of {api} has no path for them" if lacks else f"it is a model for {known}",
        help=f"{cure}, or take the backend off the route",
    )


def _unclear(name: str, backends: Sequence[Backend]) -> Iterator[Finding]:
    """Models of providers alone, of which nothing is known but a name that speaks of another task than chat."""
    for backend in backends:
        if named := _NAMED.search(backend.model):
            meant = named[0].lower()
            yield kinds.TASK_ASSUMED.at(
                backend.path,
                f"route {name!r} is taken for chat, and {backend.id} sounds like {meant}",
                cause="what the models of this provider are for is not known; gateways open the paths of chats only",
                help=f"add `task: {meant}` to the route, or `task: chat` if that is meant",
            )
            return
