"""Installs lock files with uv, a tenth of the work of pip, from the indexes that pip is configured for."""

import ast
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from functools import cache
from pathlib import Path

PROGRAM = Path(sys.executable).with_name("uv")
"""Of the environment that runs this; `requirements/uv.txt` pins it."""

# pip's settings, the variable by which uv takes each, and what stands there between several values.
_WORDS = {
    "cert": ("SSL_CERT_FILE", " "),
    "extra-index-url": ("UV_INDEX", " "),
    "find-links": ("UV_FIND_LINKS", ","),
    "index-url": ("UV_DEFAULT_INDEX", " "),
    "default-timeout": ("UV_HTTP_TIMEOUT", " "),
    "timeout": ("UV_HTTP_TIMEOUT", " "),
}


def command(python: Path, *arguments: str, program: Path = PROGRAM) -> list[str]:
    """How uv installs into the environment of a Python; not every machine keeps the bytecode it compiles."""
    return [str(program), "pip", "install", "--quiet", "--compile-bytecode", "--python", str(python), *arguments]


@cache
def environment(python: Path = Path(sys.executable)) -> Mapping[str, str]:
    """The variables that tell uv what this Python's pip is configured with; what is set already stays."""
    asked = [str(python), "-m", "pip", "config", "list"]
    listed = subprocess.run(asked, capture_output=True, text=True, check=False).stdout
    # pip takes the first index that has a version, wherever it stands; all that is installed has its hash in a lock.
    return {"UV_INDEX_STRATEGY": "unsafe-best-match", **translated(listed), **_own()}


def translated(listed: str) -> dict[str, str]:
    """Lines of `pip config list` as uv's variables; the environment's word goes above that of a file."""
    variables = {}
    for line in sorted(listed.splitlines(), key=lambda line: line.startswith(":env:")):
        match = re.fullmatch(r"(?:global|install|:env:)\.([\w-]+)=('.*'|\".*\")", line)
        if match and match[1] in _WORDS:
            name, between = _WORDS[match[1]]
            variables[name] = between.join(str(ast.literal_eval(match[2])).split())
    return variables


def _own() -> dict[str, str]:
    return {name: value for name, value in os.environ.items() if name.startswith("UV_") or name == "SSL_CERT_FILE"}
