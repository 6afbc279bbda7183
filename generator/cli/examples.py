"""The end of a verb's help: commands to copy. The mark at its beginning keeps click from joining the lines."""


def examples(*commands: str) -> str:
    """The epilog with these commands, one a line."""
    return verbatim("Examples:", *(f"  {command}" for command in commands))


def verbatim(*lines: str) -> str:
    """Lines that help shows as they are."""
    return "\n".join(("\b", *lines))
