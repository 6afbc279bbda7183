"""Models of providers that the catalogue should know and does not."""

from collections.abc import Iterator

from generator.catalog import reader
from generator.core.finding import Finding, Path
from generator.core.kinds import rules as kinds
from generator.core.spec import Fleet, Provider, walk
from generator.core.words import nearest


def unknown_models(fleet: Fleet) -> Iterator[Finding]:
    """What is asked of OpenAI and Anthropic themselves is a model of theirs that the catalogue knows."""
    seen: set[tuple[str, str]] = set()
    for path, ref in walk.references(fleet):
        provider = fleet.providers.get(ref.provider or "")
        if provider is None or not _own_address(provider) or (provider.api, ref.model) in seen:
            continue
        seen.add((provider.api, ref.model))
        if reader.provider_model(provider.api, ref.model) is None:
            yield _unknown_model((*path, "model"), provider.api, ref.model)


def _own_address(provider: Provider) -> bool:
    """Whether calls go to the company that the API is named after."""
    company = reader.providers().get(provider.api)
    return company is not None and (provider.url is None or provider.url.rstrip("/") in company.addresses)


def _unknown_model(path: Path, api: str, model: str) -> Finding:
    ids = [id.partition("/")[2] for id in reader.provider_models() if id.startswith(f"{api}/")]
    near = nearest(model, ids, 3)
    meant = f"did you mean {' or '.join(f'`{id}`' for id in near)}? " if near else ""
    return kinds.UNKNOWN_PROVIDER_MODEL.at(
        path,
        f"`{model}` is not in the catalogue: its context and price are not checked",
        cause=f"{len(ids)} models of {api} are, none of this name",
        help=f"{meant}`gen catalog list provider-models {api}/` prints them; nothing to mend where the name is right",
    )
