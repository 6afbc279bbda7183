"""What a kind of finding means, from the kinds that this version has: no network, no other version's page."""

import re
from pathlib import Path
from textwrap import fill
from typing import TYPE_CHECKING, Any

import click

from generator.cli.options import FleetPath
from generator.core.errors import UsageError
from generator.core.finding import Kind
from generator.core.kinds import all_kinds
from generator.core.words import did_you_mean

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

_ID = re.compile(r"gen-?[0-9]+", re.IGNORECASE)
_WIDTH = 100


class FleetOrKind(click.ParamType[Path | Kind]):
    """A spec, or the id or the slug of a kind of finding. What lies on the disk goes first."""

    name = "fleet"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Path | Kind:
        """The path of the spec, or the kind.

        Raises:
            UsageError: there is neither.
        """
        if Path(value).exists():
            return FleetPath().convert(value, param, ctx)
        kinds = all_kinds()
        wanted = value.lower().replace("gen-", "gen")
        for kind in kinds:
            if wanted in (kind.id.lower(), kind.slug, f"{kind.id.lower()}-{kind.slug}"):
                return kind
        if _ID.fullmatch(value):
            ids = [kind.id for kind in kinds]
            near = [f"`{id_}`" for id_ in ids if id_.lower().startswith(wanted)]
            hint = f"there are {', '.join(near)}" if near else did_you_mean(wanted, ids, 3)
            raise UsageError(f"there is no finding {value}", help=hint or f"they are {ids[0]} to {ids[-1]}")
        return FleetPath().convert(value, param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> "list[CompletionItem]":
        """Ids of findings, files and folders."""
        from click.shell_completion import CompletionItem

        ids = [kind for kind in all_kinds() if incomplete and kind.id.startswith(incomplete.upper())]
        items = [CompletionItem(kind.id, help=kind.title) for kind in ids]
        return [*items, *FleetPath().shell_complete(ctx, param, incomplete)]


def kind_text(kind: Kind) -> str:
    """What docs/errors.md says of a kind."""
    if kind.severity != "error":
        accepted = "; a spec can accept it"
    else:
        accepted = "; a forecast, so a spec can accept it" if kind.forecast else "; as an error it cannot be accepted"
    told = fill(f"{kind.title}. {kind.why}", _WIDTH, break_on_hyphens=False)
    return f"{kind.id} {kind.slug}\n{kind.severity}{accepted}\n\n{told}\n"
