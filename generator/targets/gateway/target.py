"""Gateways' own files: what the program of each kind reads. They are owned by the kind."""

from collections.abc import Iterator

from generator.core import layout
from generator.core.artifact import Artifact
from generator.core.plan import Plan
from generator.gateways.bundle import bundles


class GatewayTarget:
    """Writes `gateway/<gateway>/` for gateways of every kind."""

    def render(self, plan: Plan) -> Iterator[Artifact]:
        """The files of all gateways."""
        for item in bundles(plan):
            folder = layout.gateway(item.gateway.name)
            for path, text in item.files.items():
                yield Artifact(f"{folder}/{path}", text.encode(), item.gateway.kind)


GATEWAY = GatewayTarget()
