"""A fleet in one environment: merging, shorthands, and which file wrote what."""

from pathlib import Path

import pytest

from generator.core.errors import UsageError
from generator.core.finding import Findings
from generator.load.fleet import LoadedFleet, environments, load_fleet
from generator.load.shorthands import expand

BASE = """\
name: acme
clusters:
  use1:
    pools:
      l4: {nodes: 2}
models:
  chat:
    context: 8192
    env: {A: b}
    placements:
      a: {cluster: use1, replicas: 1}
routes:
  chat:
    tiers:
      - [{model: chat}, {model: other}]
"""
OVERLAY = """\
clusters:
  use1:
    pools:
      l4: {nodes: {max: 5}}
models:
  chat:
    context: 4096
    env: null
    placements:
      a: {replicas: 3}
      b: {cluster: use1}
routes:
  chat:
    tiers: [[{model: chat}]]
"""


def fleet(folder: Path, environment: str = "prod", overlay: str = OVERLAY) -> tuple[LoadedFleet, Findings]:
    (folder / "fleet.yaml").write_text(BASE)
    (folder / "fleet.prod.yaml").write_text(overlay)
    findings = Findings()
    loaded = load_fleet(folder / "fleet.yaml", environment, findings)
    assert loaded is not None
    return loaded, findings


def test_shorthands_expand_where_they_are_declared_and_nowhere_else():
    data = {
        "clusters": {"c": {"pools": {"p": {"nodes": 2, "gpusPerNode": 2}}, "nodes": 3}},
        "models": {"m": {"placements": {"a": {"replicas": 1}, "b": {"replicas": True}, "c": None}}, "broken": 5},
    }
    before = repr(data)
    assert expand(data) == {
        "clusters": {"c": {"pools": {"p": {"nodes": {"min": 2, "max": 2}, "gpusPerNode": 2}}, "nodes": 3}},
        "models": {
            "m": {"placements": {"a": {"replicas": {"min": 1, "max": 1}}, "b": {"replicas": True}, "c": None}},
            "broken": 5,
        },
    }
    assert repr(data) == before


def test_a_gpu_gets_the_name_of_the_catalogue_where_one_is_meant():
    pools = {"a": {"gpu": "RTX 4090"}, "b": {"gpu": "A100"}, "c": {"gpu": "acme-1"}, "d": {"gpu": 5}, "e": None}
    data = {"clusters": {"c": {"pools": pools}, "d": {"pools": []}, "e": None}}
    before = repr(data)
    names = {"a": {"gpu": "rtx-4090"}, "b": {"gpu": "A100"}, "c": {"gpu": "acme-1"}, "d": {"gpu": 5}, "e": None}
    assert expand(data) == {"clusters": {"c": {"pools": names}, "d": {"pools": []}, "e": None}}
    assert repr(data) == before


def test_an_overlay_may_change_one_end_of_a_shorthand(tmp_path):
    loaded, _ = fleet(tmp_path)
    assert loaded.data["clusters"]["use1"]["pools"]["l4"]["nodes"] == {"min": 2, "max": 5}
    assert loaded.data["models"]["chat"]["placements"]["a"]["replicas"] == {"min": 3, "max": 3}


def test_the_default_environment_has_no_overlay(tmp_path):
    loaded, _ = fleet(tmp_path, "default")
    assert loaded.data["models"]["chat"]["context"] == 8192


@pytest.mark.parametrize(
    ("path", "file", "line"),
    [
        (("name",), "fleet.yaml", 1),
        (("models", "chat", "context"), "fleet.prod.yaml", 7),
        (("models", "chat", "placements", "a"), "fleet.prod.yaml", 10),
        (("models", "chat", "placements", "a", "cluster"), "fleet.yaml", 11),
        (("models", "chat", "placements", "a", "replicas", "min"), "fleet.prod.yaml", 10),
        (("models", "chat", "placements", "b", "pool"), "fleet.prod.yaml", 11),
        (("models", "chat", "env"), "fleet.prod.yaml", 8),
        (("models", "chat", "source"), "fleet.yaml", 7),
        (("routes", "chat", "tiers", 0, 0), "fleet.prod.yaml", 14),
        (("routes", "chat", "tiers", 0, 1), "fleet.prod.yaml", 14),
        (("clusters", "use1", "pools", "l4", "nodes", "max"), "fleet.prod.yaml", 4),
        (("clusters", "use1", "pools", "l4", "nodes", "min"), "fleet.yaml", 5),
    ],
)
def test_every_value_is_found_in_the_file_that_wrote_it(tmp_path, path, file, line):
    loaded, _ = fleet(tmp_path)
    place = loaded.locate(path)
    assert (Path(place.file).name, place.line) == (file, line)


def test_removing_what_is_not_there_is_told(tmp_path):
    _, findings = fleet(tmp_path, overlay="models:\n  chat:\n    contxt: null\n    context: null\n")
    (finding,) = findings
    assert (finding.id, finding.help) == ("GEN114", "did you mean `context`? keys here: `context`, `env`, `placements`")
    assert finding.location is not None
    assert finding.location.line == 3


def test_environments_are_the_overlays_beside_the_spec(tmp_path):
    for name in (
        "fleet.yaml",
        "fleet.prod.yaml",
        "fleet.dev-2.yaml",
        "fleet.a.b.yaml",
        "other.prod.yaml",
        "fleet.Big.yaml",
    ):
        (tmp_path / name).write_text("")
    assert environments(tmp_path / "fleet.yaml") == ("default", "dev-2", "prod")


def test_an_unknown_environment_is_wrong_usage(tmp_path):
    with pytest.raises(UsageError) as error:
        fleet(tmp_path, "prd")
    assert "did you mean `prod`?" in error.value.help


@pytest.mark.parametrize("name", ["", "../x", "Prod", "a_b", "x" * 300])
def test_a_name_that_no_environment_can_have_is_wrong_usage(tmp_path, name):
    (tmp_path / "fleet.Prod.yaml").write_text("name: b\n")
    with pytest.raises(UsageError) as error:
        fleet(tmp_path, name)
    assert "default, prod" in error.value.help


def test_overlays_that_are_never_read_are_told(tmp_path):
    (tmp_path / "fleet.yaml").write_text("name: a\n")
    for name in ("fleet.prod.yaml", "fleet.dev.yml", "fleet.Big_EU.yaml", "fleet.a.b.yaml", "fleet.schema.json"):
        (tmp_path / name).write_text("name: b\n")
    findings = Findings()
    load_fleet(tmp_path / "fleet.yaml", "default", findings)
    assert [(f.id, f.severity.value, f.message, f.help) for f in findings] == [
        ("GEN115", "warning", "fleet.Big_EU.yaml is never read", "rename it `fleet.big-eu.yaml`"),
        ("GEN115", "warning", "fleet.dev.yml is never read", "rename it `fleet.dev.yaml`"),
    ]


@pytest.mark.parametrize("count", [0, -1, 2.5])
def test_a_number_that_is_no_count_stays_as_it_was_written(count):
    data = {"models": {"m": {"placements": {"a": {"replicas": count}}}}}
    assert expand(data) == data


def test_both_files_are_judged_in_one_run(tmp_path):
    (tmp_path / "fleet.yaml").write_text("a: [\n")
    (tmp_path / "fleet.prod.yaml").write_text("\tb: 1\n")
    findings = Findings()
    assert load_fleet(tmp_path / "fleet.yaml", "prod", findings) is None
    assert [finding.id for finding in findings] == ["GEN103", "GEN101"]
