"""Versions that the catalogue does not have, of every engine and gateway: a patch, one between, beyond, before all."""

from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from generator.catalog import reader
from generator.catalog.engines import order
from generator.core.finding import Finding, Severity
from generator.engines import ENGINES
from generator.gateways import GATEWAYS
from generator.pipeline import check, render

SOURCES = {
    "vllm": "huggingface: Qwen/Qwen3-14B-AWQ",
    "tgi": "huggingface: Qwen/Qwen3-14B-AWQ",
    "ollama": "ollama: qwen3:8b",
}
FLEET = """\
apiVersion: fleetgen/v1
name: near
clusters:
  dc1:
    platform: kubernetes
    has: [envoy-gateway]
    pools: {{gpu: {{gpu: l40s, nodes: 1, gpusPerNode: 8}}}}
models:
  chat:
    source: {{{source}}}
    engine: {{name: {engine}, version: "{version}", args: {args}}}
    context: 8192
    placements:
      one: {{cluster: dc1, pool: gpu}}
      two: {{cluster: dc1, pool: gpu}}
routes: {{chat: {{tiers: [[{{model: chat}}]]}}}}
gateways: {{edge: {{kind: {gateway}, cluster: dc1, version: "{gateway_version}"}}}}
"""


def near(version: str) -> Iterator[str]:
    """Versions beside one: its next patch, the next versions, and one before all."""
    major, minor, patch = order(version)
    yield f"{major}.{minor}.{patch + 1}"
    yield f"{major}.{minor + 1}.0"
    yield f"{major + 1}.0.0"
    yield "0.0.9"


def unknown_versions() -> Iterator[tuple[str, str]]:
    """Of each engine: patches of all known versions, the middle between two neighbours, beyond, and before all."""
    for engine in ENGINES:
        known = list(reader.engine(engine).versions)
        tried = {other for version in known for other in near(version)}
        for newer, older in pairwise(known):
            tried.add(f"0.{(order(newer)[1] + order(older)[1]) // 2}.0")
        yield from ((engine, version) for version in sorted(tried - set(known), key=order))


def findings(folder: Path, engine: str, version: str, args: str = "{}", **given: str) -> list[Finding]:
    values = {"gateway": "litellm", "gateway_version": reader.gateway("litellm").version, **given}
    spec = folder / "fleet.yaml"
    spec.write_text(FLEET.format(source=SOURCES[engine], engine=engine, version=version, args=args, **values))
    checked = check(spec, "default")
    if checked.plan:
        texts = [artifact.content.decode() for artifact in render(checked)]
        assert any(version in text for text in texts)
    return list(checked.findings)


@pytest.mark.parametrize(("engine", "version"), list(unknown_versions()))
def test_an_unknown_version_is_told_once_and_refused_never(tmp_path: Path, engine: str, version: str) -> None:
    found = findings(tmp_path, engine, version)
    assert [item.message for item in found if item.severity is Severity.ERROR] == []
    [told] = [item for item in found if item.id == "GEN320"]
    assert told.severity is Severity.INFO
    assert any(f"`version: {known}`" in told.help for known in reader.engine(engine).versions)


@pytest.mark.parametrize(
    ("version", "nearest"),
    [
        ("0.33.1", "0.33.0"),
        ("0.34.0", "0.33.0"),
        ("1.0.0", "0.33.0"),
        ("0.30.0", "0.29.0"),
        ("0.32.0", "0.33.0"),
        ("0.31.0", "0.29.0"),
        ("0.20.3", "0.20.2"),
        ("0.8.5", "0.11.2"),
        ("0.33.0.post1", "0.33.0"),
        ("0.33.0rc2", "0.33.0"),
    ],
)
def test_the_nearest_version(version: str, nearest: str) -> None:
    facts = reader.release("vllm", version)
    assert facts
    assert (facts.version, facts.like, facts.tag) == (version, nearest, f"v{version}")


@pytest.mark.parametrize("version", ["v0.33.0", "33", "0.33.x", "main", "0.33.0 ", "0.33.0/x"])
def test_what_is_no_version(version: str) -> None:
    assert reader.release("vllm", version) is None


@pytest.mark.parametrize(
    ("version", "args", "expected"),
    [
        # Gone for certain: known to lack it up to this version.
        ("0.33.1", "{swap-space: 4}", {"GEN334": Severity.ERROR}),
        ("0.21.0", "{disable-log-requests: true}", {"GEN334": Severity.ERROR}),
        ("0.34.0", "{override-pooler-config: '{}'}", {"GEN335": Severity.ERROR}),
        # One of the neighbours has it.
        ("0.18.0", "{max-logprobs: 5}", {}),
        ("0.30.0", "{device-memory-utilization: 0.8}", {}),
        # Nobody has it, or a later one has: it may have come since.
        ("0.34.0", "{of-tomorrow: true}", {"GEN321": Severity.WARNING}),
        ("0.8.5", "{of-yesterday: [a, b]}", {"GEN321": Severity.WARNING}),
        ("0.12.0", "{device-memory-utilization: 0.8}", {"GEN336": Severity.WARNING}),
        ("0.33.1", "{seed: many}", {"GEN323": Severity.WARNING}),
        # What gen sets is no question of versions.
        ("0.33.1", "{max-model-len: 10}", {"GEN322": Severity.ERROR}),
    ],
)
def test_arguments_of_unknown_versions(tmp_path: Path, version: str, args: str, expected: dict[str, Severity]) -> None:
    found = findings(tmp_path, "vllm", version, args)
    ids = {"GEN321", "GEN322", "GEN323", "GEN334", "GEN335", "GEN336", "GEN337"}
    assert {item.id: item.severity for item in found if item.id in ids} == expected


@pytest.mark.parametrize("version", ["0.18.0", "0.24.0", "0.31.0"])
def test_gen_writes_what_both_neighbours_have(version: str) -> None:
    facts, engine = reader.release("vllm", version), reader.engine("vllm")
    assert facts
    older = max((known for known in engine.versions if order(known) < order(version)), key=order)
    newer = min((known for known in engine.versions if order(known) > order(version)), key=order)
    both = engine.versions[older].flags.keys() & engine.versions[newer].flags.keys()
    assert facts.flags.keys() == both
    assert facts.maybe.keys() == engine.versions[older].flags.keys() ^ engine.versions[newer].flags.keys()


@pytest.mark.parametrize(
    ("kind", "version"),
    [(kind, version) for kind in GATEWAYS for version in near(reader.gateway(kind).version)],
)
def test_an_unknown_version_of_a_gateway_is_a_note(tmp_path: Path, kind: str, version: str) -> None:
    found = findings(tmp_path, "vllm", "0.33.0", gateway=kind, gateway_version=version)
    assert [item.message for item in found if item.severity is Severity.ERROR] == []
    [told] = [item for item in found if item.id == "GEN341"]
    assert told.severity is Severity.INFO
    assert f"is taken as {reader.gateway(kind).version}" in told.message


@pytest.mark.parametrize("version", ["0.33.0+cpu", "0.33.0-1", "0.33.0.post1"])
def test_a_build_of_a_version_is_checked_as_that_version(version: str) -> None:
    facts = reader.release("vllm", version)
    assert facts
    assert facts.like == "0.33.0"
