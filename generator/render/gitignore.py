"""What git must not take of the folders that users work in: keys, and what Terraform keeps."""

from generator.core import layout


def gitignore(*further: str) -> str:
    """The text of a `.gitignore`; `further` are patterns that matter in this place alone."""
    lines = (*layout.UNCOMMITTED, *(f"!{name}" for name in layout.COMMITTED), *further)
    return "".join(f"{line}\n" for line in ("# Keys, and what Terraform keeps.", *lines))
