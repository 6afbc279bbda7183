"""The ways of pasting a secret into a spec, and every place where the schema takes a text.

`WAYS` are overlays of tests/rules/base.yaml (or whole texts that are no YAML); `places` walks the JSON schema, and
`FORMS` are the values that mean a secret wherever they stand.
"""

import json
from collections.abc import Iterator
from typing import Any

from generator import resources

CANARY = "Zq7canaryXw93"
PIECES = ("zq7can", "canaryxw", "yxw93")
"""Parts of the canary, in small letters, none of which may be printed."""

_CHAT, _ARGS = "models: {chat: {%s}}", "models: {chat: {engine: {args: {%s}}}}"
_PATCH = "patches: [{target: helm, placement: chat/use1-l4, merge: {%s}}]"


def _within(frame: str, *texts: str) -> list[str]:
    return [frame % text for text in texts]


WAYS: tuple[str, ...] = (
    # In a field for secrets, in every type.
    "providers: {openai: {key: CANARY}}",
    "providers: {openai: {key: 'CANARY'}}",
    'providers: {openai: {key: "CANARY"}}',
    'providers: {openai: {key: "Zq7can\\x61ryXw93"}}',
    "providers: {openai: {key: !!str CANARY}}",
    "providers: {openai: {key: !CANARY x}}",
    "providers: {openai: {key: &CANARY x}}",
    "providers: {openai: {key: *CANARY}}",
    "providers: {openai: {key: [CANARY]}}",
    "providers: {openai: {key: {value: CANARY}}}",
    "providers: {openai: {key: {CANARY}}}",
    "providers: {openai: {key: {CANARY: x}}}",
    "providers: {openai: {key: {{CANARY}}}}",
    "providers: {openai: {key: {env: 'a CANARY'}}}",
    "providers: {openai: {key: {secret: CANARY}}}",
    "providers: {openai: {key: {secret: {name: openai, value: CANARY}}}}",
    "providers: {openai: {key: {env: OPENAI, value: CANARY}}}",
    "providers: {openai: {key:CANARY}}",
    "providers: {openai: {key=CANARY}}",
    "providers: {openai: {'key:CANARY': }}",
    "providers:\n  openai:\n    key: |\n      CANARY\n",
    "providers:\n  openai:\n    key: >-\n      first\n      CANARY\n",
    "providers:\n  openai:\n    key: [one,\n      CANARY]\n",
    "providers:\n  openai:\n    key: {value:\n      CANARY}\n",
    "providers:\n  openai:\n    key:\n      CANARY\n",
    "providers:\n  openai:\n    key:\n      - CANARY\n",
    "providers:\n  openai:\n    key: 'first\n      CANARY'\n",
    "providers:\n  openai:\n    ? key\n    : CANARY\n",
    "providers: {openai: {keys: CANARY}}",
    "providers: {openai: {apikye: CANARY}}",
    "providers: {openai: {unheard: CANARY}}",
    "providers: {openai: {headers: {Authorization: Bearer CANARY}}}",
    "providers: {openai: {headers: {x-api-key: CANARY}}}",
    "providers: {openai: {headers: ['Authorization: Bearer CANARY']}}",
    "providers: {openai: {url: 'https://user:CANARY@api.example.com/v1'}}",
    "providers: {openai: {url: 'https://CANARY@api.example.com/v1'}}",
    "providers: {openai: {url: 'https://user:p/CANARY@api.example.com/v1'}}",
    "providers: {openai: {url: 'https://api.example.com/v1?api_key=CANARY'}}",
    "providers: {openai: {url: 'https://api.example.com/v1 ?a=b&token=CANARY'}}",
    "providers: {openai: {url: 'ftp://api.example.com/v1?sig=CANARY'}}",
    "providers: {openai: CANARY}",
    "providers: {openai: {nonsense: 1}} # key: CANARY",
    "# CANARY\nproviders: {openai: {nonsense: 1}}",
    "providers: {openai: {nonsense: 1, key: {env: A}}} #CANARY",
    "tenants: {gold: CANARY}",
    "tenants: {gold: {key: CANARY, key: CANARY}}",
    "tenants: {gold: {key: CANARY, routes: CANARY}}",
    "gateways: {edge: {masterKey: CANARY}}",
    "gateways: {edge: {masterKey: 12345CANARY}}",
    "gateways: {edge: {database: 'postgres://u:CANARY@db/x'}}",
    "gateways: {edge: {database: 'u:CANARY@db/x'}}",
    "gateways: {edge: {database: {url: CANARY}}}",
    "gateways: {edge: {expose: {ingress: {tls: {secret: 'CANARY'}}}}}",
    "clusters: {use1: {endpoint: {key: CANARY}}}",
    "images: {registry: registry.example.com, pullSecret: CANARY}",
    # Without a prefix, under names in free maps.
    *_within(
        _ARGS,
        "api-key: CANARY",
        "hf-token: CANARY",
        "api-key: [one, CANARY]",
        "api_key: CANARY",
        "apiKey: CANARY",
        "API_KEY: CANARY",
        "hftoken: CANARY",
        "auth: CANARY",
        "salt: CANARY",
        "lora-modules: ['--api-key', CANARY]",
        "lora-modules: ['--api-key=CANARY']",
        "lora-modules: [HF_TOKEN=CANARY]",
        "lora-modules: '--hf-token CANARY'",
        "max-num-seqs: 'x --api-key CANARY'",
        "no-such-argument: 'Authorization: Bearer CANARY'",
        "no-such-argument: 'curl -H \"x-api-key: CANARY\"'",
        'kv-transfer-config: \'{"password": "CANARY"}\'',
        "api-key: CANARY, name: gpu",
        "key: CANARY",
        "api-key: &a CANARY, seed: *a",
        "seed: &a CANARY, api-key: *a",
    ),
    *_within(
        _CHAT,
        "env: {API_KEY: CANARY}",
        "env: {DB_PASSWORD: CANARY}",
        "env: {DATABASE_URL: 1, HF_TOKEN: CANARY}",
        "env: [HF_TOKEN=CANARY]",
        "env: [{name: HF_TOKEN, value: CANARY}]",
        "env: {'HF_TOKEN=CANARY': ''}",
        "env: CANARY",
        "secretEnv: {HF_TOKEN: CANARY}",
        "secretEnv: {HF_TOKEN: {value: CANARY}}",
        "secretEnv: [HF_TOKEN=CANARY]",
        "secretEnv: CANARY",
        "token: CANARY",
        "source: {token: CANARY}",
        "source: {huggingface: 'https://user:CANARY@huggingface.co/a/b'}",
        "source: {huggingface: hf_CANARY}",
        "source: {s3: 's3://KEY:CANARY@bucket/x'}",
        "extraArgs: ['--api-key', CANARY]",
        "extraArgs: ['--api-key=CANARY']",
        "extraArgs: --api-key CANARY",
        "nodeSelector: {token: CANARY}",
        "image: {repository: 'user:CANARY@registry.example.com/x'}",
        "credentials: {user: a, password: CANARY}",
        "apiVersion: CANARY, key: CANARY",
        "<<: {token: CANARY}",
    ),
    "models:\n  chat:\n    env:\n      <<: &a {HF_TOKEN: CANARY}\n      B: *a\n",
    *_within(
        _PATCH,
        "env: [{name: API_KEY, value: CANARY}]",
        "env: [{value: CANARY, name: API_KEY}]",
        "podAnnotations: {auth-token: CANARY}",
        "podAnnotations: {team: 'token=CANARY'}",
        "extraArgs: ['--api-key', CANARY]",
        "stringData: {password: CANARY}",
        "apiKey: {value: CANARY}",
        "secretName: {token: CANARY}",
        "podDisruptionBudget: {maxUnavailable: 0, token: CANARY}",
    ),
    # Known forms where nothing names them.
    *_within(
        "routes: {chat: {sticky: '%s'}}",
        *(
            f"{prefix}CANARY"
            for prefix in ("sk-", "sk-ant-", "hf_", "ghp_", "glpat-", "gsk_", "r8_", "pplx-", "nvapi-")
        ),
        "eyJhbGciOiJIUzI1NiJ9.CANARY.abc",
        "Bearer CANARY",
        "-----BEGIN PRIVATE KEY----- CANARY",
    ),
    # In the reason for which a finding is accepted, which machines read beside it.
    *_within(
        "clusters: {use1: {pools: {spare: {gpu: l4, nodes: 1}}}}\n"
        "accept: [{finding: GEN230, at: clusters.use1.pools.spare, reason: '%s'}]",
        "our token is sk-CANARY",
        "password: CANARY",
        "see https://me:CANARY@wiki.example.com",
        "answers with Authorization: Bearer CANARY",
    ),
    # What is no YAML.
    "providers: {openai: {key: CANARY}",
    "providers:\n  openai:\n    key: CANARY: x\n",
    "providers:\n  openai:\n    key: 'CANARY\n",
    'providers:\n  openai:\n    key: "CANARY\\q"\n',
    "providers:\n  openai:\n    key: @CANARY\n",
    "providers:\n  openai:\n    key: %CANARY\n",
    "providers:\n  openai:\n  - CANARY\n",
    "providers:\n\topenai: CANARY\n",
    "password CANARY\nproviders: {}\n",
)

FORMS: dict[str, Any] = {
    "a known prefix": f"sk-proj-{CANARY}",
    "a login in an address": f"https://user:{CANARY}@example.com/x",
    "an option": f"serve --api-key {CANARY}",
    "a header": f"Authorization: Bearer {CANARY}",
    "a query": f"https://example.com/x?token={CANARY}",
    "under a name": {"api-key": CANARY},
    "in a list under a name": {"hf-token": ["one", CANARY]},
    "beside a name": [{"name": "API_KEY", "value": CANARY}],
    "behind an option": ["--api-key", CANARY],
    "as a variable": [f"HF_TOKEN={CANARY}"],
}


def places() -> Iterator[tuple[str | int, ...]]:
    """The path of every value of the spec; `any` stands for a name, and the first item of a list for all."""
    schema = json.loads((resources.schemas() / "fleet.schema.json").read_text(encoding="utf-8"))
    yield from _below(schema, schema["$defs"], ())


def _below(shape: Any, definitions: Any, path: tuple[str | int, ...]) -> Iterator[tuple[str | int, ...]]:
    if "$ref" in shape:
        shape = definitions[shape["$ref"].rpartition("/")[2]]
    if path:
        yield path
    for name, below in shape.get("properties", {}).items():
        yield from _below(below, definitions, (*path, name))
    if isinstance(shape.get("additionalProperties"), dict):
        yield from _below(shape["additionalProperties"], definitions, (*path, "any"))
    if isinstance(shape.get("items"), dict):
        yield from _below(shape["items"], definitions, (*path, 0))


def spec_with(path: tuple[str | int, ...], value: Any) -> Any:
    """A spec that holds a value at a path and nothing else."""
    for step in reversed(path):
        value = [value] if isinstance(step, int) else {step: value}
    return value
