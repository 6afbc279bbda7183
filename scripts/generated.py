"""What is made from code and committed, file by file: schemas and generated pages. A test holds each of them fresh."""

from collections.abc import Iterator
from importlib import import_module

from generator.schemas import schema_files
from scripts.environment import ROOT


def generated() -> Iterator[tuple[str, str]]:
    """Path below the repository and text of each file. A page is a module `scripts/<page>_doc.py` with `text()`."""
    for name, text in schema_files().items():
        yield f"schemas/{name}", text
    for script in sorted((ROOT / "scripts").glob("*_doc.py")):
        yield f"docs/{script.stem.removesuffix('_doc')}.md", import_module(f"scripts.{script.stem}").text()
