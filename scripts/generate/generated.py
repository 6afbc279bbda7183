"""What is made from code and committed, file by file: schemas and generated pages. A test holds each of them fresh."""

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path

from generator.schemas import schema_files
from scripts.generate.readme import readme


def generated() -> Iterator[tuple[str, str]]:
    """Path below the repository and text of each file. A page is `text()` of the module `<page>_doc.py` here."""
    for name, text in schema_files().items():
        yield f"schemas/{name}", text
    for script in sorted(Path(__file__).parent.glob("*_doc.py")):
        yield f"docs/{script.stem.removesuffix('_doc')}.md", import_module(f"{__package__}.{script.stem}").text()
    yield "README.md", readme()
