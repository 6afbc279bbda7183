"""Whether a replica's image runs on its machine: the CPUs, the driver, the memory that others have."""

import re
from collections.abc import Iterator
from dataclasses import replace

from generator.catalog import makers, reader
from generator.catalog.facts import EngineVersion
from generator.clouds import RENTED
from generator.core.finding import Finding, Severity
from generator.core.kinds import hardware as kinds
from generator.engines import ENGINES
from generator.resolve.placements.candidate import Candidate
from generator.resolve.placements.described import Described

ARCHITECTURE = "kubernetes.io/arch"
"""The label that tells a node's architecture."""
_GEFORCE = re.compile(r"^rtx-[2-9]0\d0")


def findings(item: Candidate, described: Described) -> Iterator[Finding]:
    """What the machine does not do of what the image needs. An image of the user's own is not known."""
    facts, own = reader.release(described.engine.name, described.version), item.settings.image
    if facts is not None and item.pool is not None and (own is None or not (own.repository or own.tag or own.digest)):
        for finding in (*_architecture(item, described, facts), *_driver(item, described, facts)):
            # What is known of a version nearby may have changed.
            yield replace(finding, severity=Severity.WARNING) if facts.like else finding
    yield from _share(item, described)


def architecture(item: Candidate) -> tuple[str, str]:
    """Architecture of the CPUs of a placement's nodes, and what tells it; empty where nothing does."""
    pool = item.pool_spec
    if pool is None:
        return "", ""
    if label := pool.node_selector.get(ARCHITECTURE):
        return label, f"the pool's `nodeSelector` says `{ARCHITECTURE}: {label}`"
    for type_ in item.pool.instance_types if item.pool else ():
        if cpus := makers.machine(RENTED.get(item.cluster.platform, ""), type_)[1]:
            return cpus, f"{type_} has {cpus} CPUs"
    facts = reader.gpu(pool.gpu)
    return (
        (facts.host, f"{facts.name} is built into machines with {facts.host} CPUs")
        if facts and facts.host
        else ("", "")
    )


def _architecture(item: Candidate, described: Described, facts: EngineVersion) -> Iterator[Finding]:
    cpus, told = architecture(item)
    if not cpus or not facts.architectures or cpus in facts.architectures:
        return
    others = [name for name in ENGINES if cpus in reader.engine(name).newest.architectures]
    yield kinds.IMAGE_ARCHITECTURE.at(
        (*item.path, "pool"),
        f"the image of {described.engine.title} {facts.version} is not built for {cpus}",
        cause=f"{told}; the image is published for {' and '.join(facts.architectures)}",
        help=f"use {' or '.join(f'`{name}`' for name in others)}, whose images are, or another pool",
    )


def _driver(item: Candidate, described: Described, facts: EngineVersion) -> Iterator[Finding]:
    driver, card = described.driver, described.card
    if not driver or driver >= facts.driver or not facts.driver:
        return
    geforce = card is not None and bool(_GEFORCE.match(card.id))
    if facts.older_variable and driver >= facts.older_driver and not geforce:
        return
    older = [known for known in described.engine.versions.values() if 0 < known.driver <= driver]
    cause = f"its image holds CUDA {facts.cuda}; " if facts.cuda else ""
    cause += f"the pool's `driver` is {driver}"
    if facts.older_variable and geforce:
        cause += f"; the libraries that it brings for {facts.older_driver} and newer do not serve GeForce cards"
    cure = f"install driver {facts.driver} or newer"
    yield kinds.DRIVER_TOO_OLD.at(
        (*item.path, "pool"),
        f"{described.engine.title} {facts.version} needs NVIDIA's driver {facts.driver} or newer",
        cause=cause,
        help=f"{cure}, or say `version: {older[0].version}`, which runs on {older[0].driver}" if older else cure,
        severity=Severity.ERROR if described.engine.needs_gpu else Severity.WARNING,
    )


def _share(item: Candidate, described: Described) -> Iterator[Finding]:
    """A share that somebody wrote, where it is known that others have some of the memory."""
    card, server = described.card, described.server
    if card is None or server is None or not (card.unified or described.reserved_gib):
        return
    asked = server.arguments.asked(described.args).get("utilization")
    others = described.reserved_gib or server.shared_gib
    if asked is None or not others or asked * card.memory_gib <= card.memory_gib - others:
        return
    most = int(100 * (1 - others / card.memory_gib)) / 100
    name = next(
        name
        for name in server.arguments.fields
        if name in described.args and server.arguments.fields[name] == "utilization"
    )
    why = "the pool's `reserved` says" if described.reserved_gib else "a system takes of memory that CPU and GPU share"
    yield kinds.SHARE_NOT_FREE.at(
        item.at(f"args.{name}"),
        f"`{name}: {asked:g}` of {card.name} is more than is free when the engine starts",
        cause=f"it is {asked * card.memory_gib:.1f} of {card.memory_gib:.1f} GiB, and {others:g} GiB are what {why}",
        help=f"leave it out, or write `{name}: {most:g}` at most",
    )
