"""Files that arguments name: no argument that sounds like a path is forgotten, and each is judged."""

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest

from generator.catalog import reader
from generator.catalog.paths import NamedPath, paths
from generator.core.finding import Finding
from generator.core.lazy import load
from generator.core.plan import SourcePlan
from generator.engines import ENGINES
from tests.serving import request

SOUNDS = re.compile(
    r"path|file(?!r)|(?<![a-z])dir|folder|template|plugin$|certs|modules|adapters|loras$|^tokenizer|config$|spec-model$|uds"
)
"""Names that may be those of files. What a name of another sound means is read in the help of each version."""


def own(engine: str) -> frozenset[str]:
    return frozenset(import_module(f"generator.engines.{engine}").OWN.arguments)


@pytest.mark.parametrize("engine", ENGINES)
def test_no_argument_that_sounds_like_a_path_is_forgotten(engine: str) -> None:
    known = paths(engine)
    named = {name.partition(".")[0] for name in known.arguments}
    flags = {name: kind for version in reader.engine(engine).versions.values() for name, kind in version.flags.items()}
    texts = {name for name, kind in flags.items() if kind in {"text", "list", "repeated"}}
    sounding = {name for name in texts if SOUNDS.search(name)}
    assert sounding - named - known.none.keys() - own(engine) == set()
    assert known.none.keys() <= sounding - named
    assert named <= flags.keys()


def members() -> Iterator[tuple[str, str, str, NamedPath]]:
    """Every argument that names a path, in every version of its engine that has it."""
    for engine in ENGINES:
        for version, facts in reader.engine(engine).versions.items():
            for name, how in paths(engine).arguments.items():
                if name.partition(".")[0] in facts.flags.keys() - own(engine):
                    yield engine, version, name, how


def value(name: str, how: NamedPath, path: str) -> Any:
    """A value of the argument that names the path."""
    key = name.partition(".")[2] or "image"
    if how.kind == "mapping" or "." in name:
        return f'{{"{key}": "{path}"}}'
    return f"a={path}" if how.kind == "adapters" else path


def found(engine: str, version: str, name: str, given: Any, **changes: Any) -> list[Finding]:
    argument = name.partition(".")[0]
    kind = reader.engine(engine).versions[version].flags[argument]
    args = {argument: (given,) if kind in {"list", "repeated"} else given}
    findings = load(ENGINES[engine]).check(request(engine, version=version, args=args, **changes))
    return [finding for finding in findings if finding.id == "GEN623"]


@pytest.mark.parametrize(("engine", "version", "name", "how"), list(members()))
def test_each_is_judged(engine: str, version: str, name: str, how: NamedPath) -> None:
    for path in ("./x.jinja", "../x.jinja", "~/x.jinja", "/srv/x.jinja", "/models/x.jinja", "/files/y.jinja"):
        (one,) = found(engine, version, name, value(name, how, path), files={"x.jinja": b""})
        assert one.path[-1] == name.partition(".")[0]
        assert f"`{path}`" in one.message
    there = value(name, how, "/files/x.jinja")
    assert found(engine, version, name, there, files={"x.jinja": b""}) == []
    weights = value(name, how, "/models/x.jinja")
    assert found(engine, version, name, weights, source=SourcePlan("path", "/srv/models/chat")) == []
    assert found(engine, version, name, value(name, how, "/srv/x.jinja"), own_image=True) == []


def test_the_cure_is_what_the_spec_takes() -> None:
    (one,) = found("vllm", "0.33.0", "chat-template", "./templates/my tools.jinja")
    assert one.help == "say `files: {my-tools.jinja: ./templates/my tools.jinja}`, and write `/files/my-tools.jinja`"
    (one,) = found("vllm", "0.33.0", "chat-template", "/files/tool.jinja", files={"tools.jinja": b""})
    assert "`tools.jinja`" in one.help


def test_all_files_together_have_a_bound() -> None:
    files = {f"{number}": b"x" * 200 * 1024 for number in range(3)}
    (one,) = load(ENGINES["vllm"]).check(request("vllm", files=files))
    assert (one.id, one.message) == ("GEN622", "the files come to 600 KiB")


def test_an_adapter_has_a_name() -> None:
    asked = request("vllm", args={"enable-lora": True, "lora-modules": ("/models/sql",)})
    (one,) = load(ENGINES["vllm"]).check(asked)
    assert (one.id, one.help) == ("GEN323", "write `name=path`, or JSON with `name` and `path`")
