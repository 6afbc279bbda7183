"""A secret has one variable, and a variable one secret; every place of the schema that takes a secret is known."""

import itertools
from collections.abc import Iterator
from typing import Any, get_args

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generator.core.plan import SecretRef
from generator.core.spec import Fleet, walk
from generator.render.header import purposes
from generator.resolve.secrets import Secrets, shared, uses_of
from generator.schemas import fleet_schema
from tests.route_fleets import fleet, model

LETTERS = "ab-._"
KEYS = st.text("abAB-._1", min_size=1, max_size=4)
REFERENCES = st.one_of(
    st.builds(lambda name: {"env": name}, st.from_regex(r"[ABab_][AB_1]{0,5}", fullmatch=True)),
    st.builds(lambda name: {"env": name}, st.sampled_from(["A_B", "A_B_A", "ACME_ENV_A", "LITELLM_MASTER_KEY"])),
    st.builds(
        lambda name, key: {"secret": {"name": name, "key": key}},
        st.one_of(st.text("ab-.1", min_size=1, max_size=4), st.sampled_from(["acme-env", "litellm"])),
        st.one_of(KEYS, st.just("master-key")),
    ),
)


def of(*references: dict[str, Any]) -> list[SecretRef]:
    """The secrets of a fleet whose tenants have these keys, in this order."""
    tenants = {f"t{number}": {"key": key, "routes": ["chat"]} for number, key in enumerate(references)}
    spec = fleet(models={"qwen": model("cloud")}, tenants=tenants)
    secrets = Secrets(spec)
    return [secrets.ref(tenant.key) for tenant in spec.tenants.values()]


@pytest.mark.parametrize(
    ("written", "expected"),
    [
        ({"env": "HF_TOKEN"}, SecretRef("HF_TOKEN", "acme-env", "HF_TOKEN")),
        ({"secret": {"name": "a-b", "key": "c"}}, SecretRef("A_B_C", "a-b", "c")),
        ({"secret": {"name": "0.tls", "key": "api-key"}}, SecretRef("_0_TLS_API_KEY", "0.tls", "api-key")),
        ({"secret": {"name": "acme-env", "key": "HF_TOKEN"}}, SecretRef("HF_TOKEN", "acme-env", "HF_TOKEN")),
        ({"secret": {"name": "acme-env", "key": "hf.token"}}, SecretRef("ACME_ENV_HF_TOKEN", "acme-env", "hf.token")),
    ],
)
def test_secrets_have_both_forms(written: dict[str, Any], expected: SecretRef) -> None:
    assert of(written) == [expected]


def test_references_that_read_alike_are_told_apart() -> None:
    alike = [
        {"secret": {"name": "tenants", "key": "gold-x"}},
        {"secret": {"name": "tenants", "key": "gold.x"}},
        {"secret": {"name": "tenants", "key": "GOLD-X"}},
        {"secret": {"name": "tenants-gold", "key": "x"}},
        {"secret": {"name": "tenants.gold", "key": "x"}},
        {"env": "TENANTS_GOLD_X"},
    ]
    refs = of(*alike)
    assert len({ref.env for ref in refs}) == len(alike)
    assert refs[-1].env == "TENANTS_GOLD_X", "what was written is kept"
    assert of(*reversed(alike)) == refs[::-1], "the order of the references decides nothing"


def test_a_name_with_a_digest_may_be_taken_as_well() -> None:
    pair = [{"secret": {"name": "a", "key": "b-c"}}, {"secret": {"name": "a-b", "key": "c"}}]
    taken = [{"env": ref.env} for ref in of(*pair)]
    assert len({ref.env for ref in of(*pair, *taken)}) == 4


@given(st.lists(REFERENCES, min_size=2, max_size=6))
def test_one_variable_for_one_secret(references: list[dict[str, Any]]) -> None:
    refs = of(*references)
    for (one, mine), (other, theirs) in itertools.combinations(zip(references, refs, strict=True), 2):
        same = (mine.secret, mine.key) == (theirs.secret, theirs.key)
        assert (mine.env == theirs.env) == same
        assert same or one != other
    assert of(*references[::-1]) == refs[::-1]


def test_the_key_of_an_administrator_has_a_name_that_others_may_have() -> None:
    secret = {"secret": {"name": "litellm", "key": "master-key"}}
    spec = fleet(
        models={"qwen": model("cloud")},
        tenants={"gold": {"key": secret, "routes": ["chat"]}},
        gateways={"edge": {"kind": "litellm", "cluster": "cloud"}},
    )
    secrets = Secrets(spec)
    assert secrets.master_key("edge").env == "LITELLM_MASTER_KEY"
    assert secrets.ref(spec.tenants["gold"].key).env != "LITELLM_MASTER_KEY"


def test_every_place_that_takes_a_secret_is_walked() -> None:
    schema = fleet_schema()
    spec = _built(schema, schema)
    named = {tuple(path) for path, _, _ in walk.secrets(Fleet.model_validate(spec))}
    assert named == set(_places(schema, schema, ()))


def _places(shape: Any, schema: Any, path: tuple[str, ...]) -> Iterator[tuple[str, ...]]:
    """The paths of the schema at which a secret may stand; a name that the user gives is `x`."""
    shape = _resolved(shape, schema)
    if shape.get("title") == "Secret":
        yield path
        return
    for name, below in shape.get("properties", {}).items():
        yield from _places(below, schema, (*path, name))
    more = shape.get("additionalProperties")
    if isinstance(more, dict):
        yield from _places(more, schema, (*path, "x"))


def _built(shape: Any, schema: Any) -> Any:
    """A spec with a secret wherever there may be one, and one entry of every map on the way."""
    shape = _resolved(shape, schema)
    if shape.get("title") == "Secret":
        return {"env": "X"}
    if shape.get("type") != "object":
        return None
    names = set(shape.get("required", ()))
    more = shape.get("additionalProperties")
    made = {}
    for name, below in shape.get("properties", {}).items():
        if any(True for _ in _places(below, schema, ())):
            made[name] = _built(below, schema)
        elif name in names:
            made[name] = _plain(_resolved(below, schema), schema)
    return {**made, "x": _built(more, schema)} if isinstance(more, dict) else made


def _plain(shape: Any, schema: Any) -> Any:
    if "enum" in shape or "const" in shape:
        return shape.get("const") or shape["enum"][0]
    kinds = {
        "array": lambda: [_plain(_resolved(shape["items"], schema), schema)],
        "object": lambda: _required(shape, schema),
    }
    return kinds.get(shape.get("type"), lambda: "x")()


def _required(shape: Any, schema: Any) -> Any:
    return {name: _plain(_resolved(shape["properties"][name], schema), schema) for name in shape.get("required", ())}


def _resolved(shape: Any, schema: Any) -> Any:
    while "$ref" in shape or "anyOf" in shape or "allOf" in shape:
        shape = (
            schema["$defs"][shape["$ref"].rpartition("/")[2]]
            if "$ref" in shape
            else (shape.get("anyOf") or shape.get("allOf"))[0]
        )
    return shape


_OTHER = {
    "provider": {"providers": {"groq": {"api": "openai-compatible", "url": "https://a.example.com/v1", "key": "HERE"}}},
    "endpoint": {
        "clusters": {"cloud": {"platform": "eks", "endpoint": {"url": "https://{service}.x.io", "key": "HERE"}}}
    },
    "tenant": {"tenants": {"silver": {"key": "HERE", "routes": ["chat"]}}},
    "administrator": {"gateways": {"edge": {"kind": "litellm", "cluster": "cloud", "masterKey": "HERE"}}},
    "database": {"gateways": {"edge": {"kind": "litellm", "cluster": "cloud", "database": "HERE"}}},
    "proxy": {"network": {"proxy": {"secret": "HERE"}}},
    "token": {"defaults": {"source": {"token": "HERE"}}},
    "variable": {"defaults": {"secretEnv": {"X": "HERE"}}},
}


def _with(parts: Any, key: Any) -> Any:
    if isinstance(parts, dict):
        return {name: _with(part, key) for name, part in parts.items()}
    return key if parts == "HERE" else parts


@pytest.mark.parametrize("role", get_args(walk.SecretRole))
def test_a_tenants_key_is_nothing_else(role: str) -> None:
    key = {"env": "GOLD"}
    parts = _with(_OTHER[role], {"secret": {"name": "acme-env", "key": "GOLD"}})
    tenants = {"gold": {"key": key, "routes": ["chat"]}, **parts.pop("tenants", {})}
    spec = fleet(models={"qwen": model("cloud")}, tenants=tenants, **parts)
    [finding] = shared(Secrets(spec))
    assert finding.id == "GEN285"
    assert "GOLD" in finding.message


def test_what_may_be_one_secret_is() -> None:
    key = {"env": "OPENAI_API_KEY"}
    providers = {name: {"api": "openai", "key": key} for name in ("a", "b")}
    gateways = {
        name: {"kind": "litellm", "cluster": "cloud", "masterKey": {"env": "M"}, "database": {"env": "D"}}
        for name in ("a", "b")
    }
    spec = fleet(models={"qwen": model("cloud")}, providers=providers, gateways=gateways)
    assert list(shared(Secrets(spec))) == []


def test_the_key_that_an_administrator_has_by_default_is_his_alone() -> None:
    spec = fleet(
        models={"qwen": model("cloud")},
        tenants={"gold": {"key": {"env": "LITELLM_MASTER_KEY"}, "routes": ["chat"]}},
        gateways={"edge": {"kind": "litellm", "cluster": "cloud"}},
    )
    [finding] = shared(Secrets(spec))
    assert finding.path == ("gateways", "edge", "masterKey")


def test_what_is_told_of_a_secret_is_the_form_that_its_gateways_take() -> None:
    gateways = {name: {"kind": kind, "cluster": "cloud"} for name, kind in (("l", "litellm"), ("e", "envoy"))}
    gateways["l"] |= {"tenants": ["gold"], "database": {"env": "PG"}}
    gateways["e"] |= {"tenants": ["silver"]}
    tenants = {name: {"key": {"env": name.upper()}, "routes": ["chat"]} for name in ("gold", "silver")}
    spec = fleet(models={"qwen": model("cloud")}, tenants=tenants, gateways=gateways)
    lines = {ref.env: purposes(uses) for ref, uses in uses_of(Secrets(spec), spec).items()}
    assert lines == {
        "ANTHROPIC_API_KEY": "key for provider anthropic",
        "CLOUD_KEY": "key that the engines of cloud ask for, as `openssl rand -hex 32` prints one",
        "ENVOY_MASTER_KEY": "key of the administrator of gateway e, as `openssl rand -hex 32` prints one",
        "GOLD": "key of tenant gold, as `echo sk-$(openssl rand -hex 32)` prints one",
        "LITELLM_MASTER_KEY": "key of the administrator of gateway l, as `echo sk-$(openssl rand -hex 32)` prints one",
        "OPENAI_API_KEY": "key for provider openai",
        "PG": "URL of the Postgres of gateway l, postgresql://USER:PASSWORD@HOST:5432/NAME",
        "SILVER": "key of tenant silver, as `openssl rand -hex 32` prints one",
    }
