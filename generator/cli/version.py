"""`gen version`: for bug reports and scripts. Imports nothing that costs time."""

import click

from generator import API_VERSION, __version__
from generator.catalog.dates import dates
from generator.cli.examples import examples


@click.command(
    epilog=examples(
        "gen version",
        "gen version -o json",
    )
)
@click.option("-o", "--output", type=click.Choice(["text", "json"]), default="text", show_default=True, help="Format.")
def version(output: str) -> None:
    """Print the version of gen, and when the facts that it decides by were looked up."""
    oldest, newest = dates()
    if output == "text":
        click.echo(f"gen {__version__}\nfacts looked up from {oldest} to {newest}")
        return
    import json
    import platform

    data = {
        "gen": __version__,
        "apiVersion": API_VERSION,
        "python": platform.python_version(),
        "facts": {"oldest": oldest, "newest": newest},
        "platform": f"{platform.system()} {platform.machine()}",
    }
    click.echo(json.dumps(data, indent=2))
