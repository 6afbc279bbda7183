"""Rules across fields, over written values only. `RULES` is the list; a rule is a function that yields findings.

A rule never asks whether a finding's own path is intact: `validate` does. It asks about what it infers from, such as
the target of a reference.
"""

from collections.abc import Callable, Iterator

from generator.core.finding import Finding, Findings
from generator.core.spec import Fleet
from generator.validate.rules import (
    accepted,
    addresses,
    exposure,
    hosts,
    names,
    ranges,
    references,
    routing,
    sources,
    usage,
)

Rule = Callable[[Fleet, Findings], Iterator[Finding]]

RULES: tuple[Rule, ...] = (
    references.clusters,
    references.backends,
    references.routes,
    references.patches,
    names.labels,
    names.kubernetes_names,
    names.routes,
    names.services,
    ranges.counts,
    ranges.replicas,
    ranges.backoff,
    ranges.timeouts,
    ranges.weights,
    usage.models,
    usage.routes,
    usage.weights,
    routing.loops,
    routing.twice,
    routing.providers,
    routing.endpoints,
    routing.placeholders,
    exposure.one_way,
    sources.sources,
    sources.complete,
    sources.versions,
    hosts.ports,
    hosts.servers,
    hosts.effects,
    accepted.ids,
    addresses.addresses,
)
