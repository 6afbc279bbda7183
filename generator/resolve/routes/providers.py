"""Providers: models that the catalogue should know and does not, keys without which nothing is answered."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from generator.catalog import reader
from generator.core.finding import Finding, Path, Severity
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


def without_keys(fleet: Fleet) -> Iterator[Finding]:
    """OpenAI and Anthropic themselves answer nobody without a key."""
    for name, provider in fleet.providers.items():
        if provider.key is None and (company := _company(provider)):
            yield kinds.PROVIDER_KEY.at(
                ("providers", name, "key"),
                f"provider `{name}` has no `key`",
                cause=f"{company} refuses every call without one",
                help=f"add `key: {{env: {company.upper()}_API_KEY}}`, and set that variable where the gateway runs",
                on_key=True,
            )


def _company(provider: Provider) -> str:
    """The company that calls go to, by its API's name; empty for anyone else."""
    if provider.url is None:
        return provider.api if provider.api in reader.providers() else ""
    host = urlsplit(provider.url).hostname or ""
    for api, facts in reader.providers().items():
        own = urlsplit(facts.url).hostname or ""
        if host == own or host.endswith(f".{own}"):
            return api
    return ""


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
        cause=f"the catalogue has {len(ids)} models of {api}, none of this name",
        help=f"{meant}`gen catalog list provider-models {api}/` prints them; leave it as it is where the name is right",
        severity=Severity.WARNING if near else None,
    )
