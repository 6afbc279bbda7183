"""Runs inside LiteLLM's own environment: prints every route of its proxy, a line each: method and path.

What it loads only when it is first called is not among them.
"""

import sys
from collections.abc import Iterable, Iterator
from typing import Any

from litellm.proxy import proxy_server


def routes(items: Iterable[Any], prefix: str = "") -> Iterator[tuple[str, str]]:
    """Methods and paths; a folder of files counts by its own address and its first page."""
    for item in items:
        if hasattr(item, "effective_candidates"):
            yield from routes([*item.effective_candidates(), *item.effective_low_priority_routes()], prefix)
            continue
        path, methods = f"{prefix}{getattr(item, 'path', '') or ''}", getattr(item, "methods", None)
        if methods is None and hasattr(item, "routes"):
            yield from (("GET", f"{path}/"), ("GET", f"{path}/index.html"))
            yield from routes(item.routes or (), path)
        for method in sorted(methods or ()):
            yield method, path


for method, path in sorted(set(routes(proxy_server.app.routes))):
    sys.stdout.write(f"{method} {path}\n")
