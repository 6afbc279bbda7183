"""Judging a spec: one mistake gives one finding, nothing raises, and no secret is repeated."""

import copy
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.core.finding import Finding, Findings, Severity
from generator.load.fleet import load_fleet
from generator.pipeline import check
from generator.validate.validate import validate
from tests.rules.cases import BASE, base_findings

SPEC: dict[str, Any] = yaml.safe_load(BASE.read_text(encoding="utf-8"))
# Whatever the base leaves out and a mutation should meet as well.
SPEC["models"]["chat"] |= {"resources": {"cpu": "4"}, "env": {"A": "b"}, "image": {"tag": "v0.33.0"}}
SPEC["routes"]["chat"]["context"] = {"over": 8000, "use": [{"provider": "openai", "model": "big"}]}
SPEC["patches"] = [{"target": "helm", "placement": "chat/lab", "merge": {"podAnnotations": {"a": "b"}}}]
SPEC["images"] = {"pullSecret": "reg"}
# Names that the user gives: a misspelt one is wrong wherever it is referred to.
NAMED = (
    "clusters",
    "pools",
    "providers",
    "models",
    "placements",
    "routes",
    "tenants",
    "gateways",
    "env",
    "podAnnotations",
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Every path of the spec but the root."""
    for key, below in value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ():
        yield (*path, key)
        yield from paths(below, (*path, key))


PATHS = list(paths(SPEC))
FREE = ("nodeSelector", "labels", "merge")


def mutated(path: tuple[Any, ...], change: Any) -> dict[str, Any]:
    spec = copy.deepcopy(SPEC)
    holder: Any = spec
    for step in path[:-1]:
        holder = holder[step]
    change(holder, path[-1])
    return spec


def errors(folder: Path, spec: dict[str, Any]) -> list[str]:
    """Ids and paths of all errors, and of new warnings when there are errors."""
    file = folder / "fleet.yaml"
    file.write_text(yaml.safe_dump(spec, sort_keys=False), encoding="utf-8")
    found = [f for f in check(file, "default").findings if f.severity is not Severity.INFO]
    assert all(finding.location for finding in found)
    return [f"{f.id} {f.path}" for f in found if (f.id, f.path) not in base_findings()]


def test_the_spec_of_this_test_is_fine(tmp_path):
    assert errors(tmp_path, SPEC) == []


def misspell(holder: dict[str, Any], key: str) -> None:
    holder[f"{key}z"] = holder.pop(key)


@pytest.mark.parametrize("group", SPEC, ids=str)
def test_a_misspelt_key_is_one_finding(tmp_path, group):
    keys = [path for path in PATHS if path[0] == group and isinstance(path[-1], str)]
    plain = [path for path in keys if (len(path) < 2 or path[-2] not in NAMED) and not set(FREE) & set(path[:-1])]
    several = {path: found for path in plain if len(found := errors(tmp_path, mutated(path, misspell))) != 1}
    assert several == {}


@pytest.mark.parametrize("group", SPEC, ids=str)
def test_an_empty_value_is_one_finding(tmp_path, group):
    def empty(holder: Any, key: Any) -> None:
        holder[key] = None

    inside = [path for path in PATHS if path[0] == group and "podAnnotations" not in path]
    several = {path: found for path in inside if len(found := errors(tmp_path, mutated(path, empty))) != 1}
    assert several == {}


@pytest.mark.parametrize("value", [[["x"]], {"x": {}}, "zz yy", 2.5], ids=repr)
def test_nothing_raises_and_all_is_located(tmp_path, value):
    def replace(holder: Any, key: Any) -> None:
        holder[key] = value

    for path in PATHS:
        file, findings = tmp_path / "fleet.yaml", Findings()
        file.write_text(yaml.safe_dump(mutated(path, replace), sort_keys=False), encoding="utf-8")
        loaded = load_fleet(file, "default", findings)
        assert loaded is not None
        validate(loaded, findings)
        assert all(loaded.locate(finding.path, finding.on_key).text for finding in findings)


def test_half_a_file_never_raises(tmp_path):
    text, file = BASE.read_text(encoding="utf-8"), tmp_path / "fleet.yaml"
    for end in range(0, len(text), 53):
        for tail in ("", "\t", "'", "{", "&a *a", "\x00", "- - ", "? "):
            file.write_text(text[:end] + tail, encoding="utf-8")
            findings = Findings()
            loaded = load_fleet(file, "default", findings)
            if loaded:
                validate(loaded, findings)
            assert loaded or findings.has_errors


SECRETS = ["hunter2", "sk-ant-api03-abcdefgh", "hf_abcdefghijklmnop", "AKIAABCDEFGHIJKLMNOP"]


@pytest.mark.parametrize("secret", SECRETS)
@pytest.mark.parametrize(
    "path",
    [
        ("providers", "openai", "key"),
        ("providers", "anthropic", "key", "secret"),
        ("models", "chat", "source", "token"),
        ("models", "chat", "env", "API_TOKEN"),
        ("tenants", "gold", "key"),
        ("gateways", "edge", "database"),
        ("gateways", "edge", "masterKey"),
        ("clusters", "use1", "endpoint", "key"),
        ("models", "chat", "apiKey"),
        ("models", "chat", "token:sk-ant-api03-abcdefgh"),
    ],
    ids=".".join,
)
def test_no_secret_is_ever_repeated(tmp_path, path, secret):
    def put(holder: Any, key: Any) -> None:
        holder[key] = secret

    file = tmp_path / "fleet.yaml"
    file.write_text(yaml.safe_dump(mutated(path, put), sort_keys=False, width=1000), encoding="utf-8")
    found = check(file, "default").findings
    assert any(finding.severity is Severity.ERROR for finding in found)
    assert secret not in repr(found)


def test_a_whole_number_may_be_written_as_a_float(tmp_path):
    file, findings = tmp_path / "fleet.yaml", Findings()
    file.write_text(
        BASE.read_text(encoding="utf-8")
        .replace("context: 16384", "context: 16384.0")
        .replace("nodes: 1}", "nodes: 1.0}")
    )
    loaded = load_fleet(file, "default", findings)
    assert loaded is not None
    fleet = validate(loaded, findings)
    assert fleet is not None
    assert (fleet.models["chat"].context, fleet.clusters["desk"].pools["gpu"].nodes.min) == (16384, 1)
    assert not findings.has_errors


@pytest.mark.parametrize(
    ("text", "help_"),
    [
        ("clusters: {desk: docker}", "write it with its keys, for example `{platform: docker}`"),
        (
            "models: {chat: {source: Qwen/Qwen3-8B}}",
            "write it with its keys, for example `{huggingface: Qwen/Qwen3-8B}`",
        ),
        ("models: {chat: {placements: {lab: null-ish}}}", "write it with its keys, for example `{cluster: null-ish}`"),
        ("models: {chat: {placements: {lab: {replicas: '2'}}}}", "remove the quotes: `replicas: 2`"),
        (
            "models: {chat: {placements: {lab: {'cluster:lab': 1}}}}",
            "write `cluster: lab`, with a space after the colon",
        ),
        (
            "routes: {small: {tiers: [{model: small}]}}",
            "put it in brackets, `[...]`, or write it as lines that begin with `- `",
        ),
        ("providers: {openai: {key: {env: $OPENAI_API_KEY}}}", "write `OPENAI_API_KEY`, the name alone"),
        ("routes: {chat: {timeouts: {total: 1h30m}}}", "write `90m`"),
        ("routes: {chat: {timeouts: {idle: 2m5s}}}", "write `125s`"),
        ("models: {chta: {context: 8192}}", "did you mean `chat`? else add `placements` and what else it needs"),
    ],
)
def test_help_says_what_to_write(tmp_path, text, help_):
    assert [finding.help for finding in overlaid(tmp_path, text)] == [help_]


def overlaid(folder: Path, text: str) -> list[Finding]:
    """The errors that an overlay of the base fleet has."""
    (folder / "fleet.yaml").write_text(BASE.read_text(encoding="utf-8"), encoding="utf-8")
    (folder / "fleet.case.yaml").write_text(text, encoding="utf-8")
    return [item for item in check(folder / "fleet.yaml", "case").findings if item.severity is Severity.ERROR]


@pytest.mark.parametrize(
    ("value", "cause"), [("[a]", "it is a list"), ("true", "true is a boolean"), ("'8'", "`8` is text")]
)
def test_a_wrong_type_is_called_what_it_is(tmp_path, value, cause):
    found = overlaid(tmp_path, f"models: {{chat: {{tensorParallel: {value}}}}}")
    assert [finding.cause for finding in found] == [cause]


@pytest.mark.parametrize(
    "text",
    [
        "providers: {openai: {url: api.example.com}}",
        "providers: {openai: {key: {env: 2KEYS}}}",
        "models: {chat: {image: {digest: 'sha256:abc'}}}",
        "models: {chat: {resources: {cpu: 4 cores}}}",
        "patches: [{target: helm, placement: chat, merge: {}}]",
        "clusters: {desk: {bind: everywhere}}",
        "models: {chat: {env: {A-B: c}}}",
    ],
)
def test_no_cause_is_a_pattern(tmp_path, text):
    (found,) = overlaid(tmp_path, text)
    assert found.id == "GEN126"
    assert "^" not in found.cause


def test_a_mistake_that_hides_names_does_not_make_them_unknown(tmp_path):
    text = BASE.read_text(encoding="utf-8")
    twice = text.replace("  small:\n    source", "  chat:\n    source")
    deep = text.replace("  small:\n    source", "    small:\n    source")
    flat = text.replace("    placements:\n      desk:", "  placements:\n      desk:")
    pools = text.replace("    pools:\n      gpu:", "  pools:\n      gpu:")
    for wrong, id_ in ((twice, "GEN102"), (deep, "GEN102"), (flat, "GEN120"), (pools, "GEN120")):
        assert wrong != text
        (tmp_path / "fleet.yaml").write_text(wrong, encoding="utf-8")
        assert [f.id for f in check(tmp_path / "fleet.yaml", "default").findings if f.severity is Severity.ERROR] == [
            id_
        ]


def test_rules_still_judge_what_is_beside_a_broken_part(tmp_path):
    spec = copy.deepcopy(SPEC)
    spec["apiVersion"] = "fleetgen/v2"
    spec["name"] = 5
    spec["models"]["small"]["placements"]["desk"]["cluster"] = "dsk"
    spec["models"]["broken"] = {"context": "long"}
    spec["routes"]["small"]["tiers"].append([{"model": "broken"}])
    ids = sorted(found.split()[0] for found in errors(tmp_path, spec))
    assert ids == ["GEN121", "GEN121", "GEN125", "GEN129", "GEN201"]


@pytest.mark.parametrize(
    ("text", "cure"),
    [
        ("providers: {openai: {key: hunter2}}", "write `{env: NAME}` or `{secret: {name: ..., key: ...}}`"),
        ("providers: {openai: {key: '${OPENAI_KEY}'}}", "write `{env: OPENAI_KEY}`"),
        ("providers: {openai: {url: 'https://u:hunter2@example.com/v1'}}", "move it to `key: {env: NAME}`"),
        ("models: {chat: {source: {huggingface: hf_abcdefghij}}}", "move it to `token: {env: NAME}`"),
        ("models: {chat: {env: {API_KEY: hunter2}}}", "move it to `secretEnv: {API_KEY: {env: API_KEY}}`"),
        (
            "models: {chat: {engine: {args: {hf-token: hunter2}}}}",
            "move it to `source: {token: {env: NAME}}` of models.chat",
        ),
        (
            "models: {chat: {engine: {args: {api-key: [hunter2]}}}}",
            "write a key that callers must show as `endpoint: {key: {env: NAME}}` of the cluster, or move it to "
            "`secretEnv: {API_KEY: {env: API_KEY}}` of models.chat",
        ),
        ("models: {chat: {nodeSelector: {token: hunter2}}}", "remove it, since no secret can be written here"),
        (
            "patches: [{target: helm, placement: chat/lab, merge: {env: [{name: API_KEY, value: hunter2}]}}]",
            "remove it and write `valueFrom: {secretKeyRef: {name: ..., key: ...}}` in its place, "
            "or `secretEnv` of the model",
        ),
    ],
)
def test_the_cure_of_a_literal_secret_can_be_written_where_it_says(tmp_path, text, cure):
    (tmp_path / "fleet.yaml").write_bytes(BASE.read_bytes())
    (tmp_path / "fleet.case.yaml").write_text(text, encoding="utf-8")
    told = [found.help for found in check(tmp_path / "fleet.yaml", "case").findings if found.id == "GEN250"]
    assert cure in [help_.removesuffix(", and revoke a value that was committed") for help_ in told]
