"""A docker host with two gateways before a model and a provider, and every failure of the keys of its project."""

from tests.live.cases import Case

SPEC = """\
apiVersion: fleetgen/v1
name: acme
clusters:
  desk:
    platform: docker
    pools: {gpu: {gpu: rtx-4090, nodes: 1}}
providers:
  hosted: {api: openai, key: {env: HOSTED_KEY}}
models:
  chat:
    source: {huggingface: Qwen/Qwen3-8B-AWQ, token: {env: HF_TOKEN}}
    engine: {name: vllm, version: 0.33.0}
    quantization: awq
    context: 8192
    placements: {a: {cluster: desk, pool: gpu}}
routes:
  chat: {tiers: [[{model: chat}], [{provider: hosted, model: gpt-5-mini}]]}
tenants:
  gold: {key: {env: GOLD_KEY}, routes: [chat]}
  free: {key: {env: FREE_KEY}, routes: [chat]}
gateways:
  edge: {kind: litellm, cluster: desk, masterKey: {env: MASTER_KEY}, database: {env: DATABASE_URL}}
  door: {kind: envoy, cluster: desk, masterKey: {env: DOOR_KEY}}
"""

VALUES = {
    "HOSTED_KEY": "sk-proj-0d4f6b1c92e7a8535f1e0b9c7d6a2e48",
    "HF_TOKEN": "hf_mVbXkQwPzRtYsLcN",
    "GOLD_KEY": "sk-0d4f6b1c92e7a8535f1e0b9c7d6a2e48",
    "FREE_KEY": "sk-7be1c05d3f9a4286b0d1e2c3f4a59687",
    "MASTER_KEY": "sk-c1f9e8d7a6b5c4d3e2f1a0b9c8d7e6f5",
    "DOOR_KEY": "94b1f0c6d2e7a835f1c0b9d8e7a6f5c3",
    "DATABASE_URL": "postgresql://litellm:9f1c7ab2@db.acme.example:5432/litellm",
}

LINES = {
    name: number for number, text in enumerate(SPEC.splitlines(), 1) for name in VALUES if f"{{env: {name}}}" in text
}


def dotenv(**changed: str | None) -> str:
    """The text of a `.env` with these values; None leaves a variable out."""
    values = {**VALUES, **changed}
    return "".join(f"{name}={value}\n" for name, value in values.items() if value is not None)


def _case(failure: str, id_: str, code: int, says: str, **changed: str | None) -> Case:
    [name] = changed
    return Case(failure, id_, code, says=(name, says), line=LINES[name], dotenv=dotenv(**changed))


CASES = [
    _case("key not set", "GEN560", 1, "key of tenant gold", GOLD_KEY=None),
    _case("key without a value", "GEN560", 1, "Hugging Face token", HF_TOKEN=""),
    _case("key of an example", "GEN561", 1, "openssl rand -hex 32", MASTER_KEY="sk-1234"),
    _case("key of a word", "GEN561", 1, "openssl rand -hex 32", GOLD_KEY="sk-changeme"),
    _case("key of one letter", "GEN561", 1, "10^", GOLD_KEY=f"sk-{'a' * 64}"),
    _case("key of the fleet's own names", "GEN561", 1, "10^", FREE_KEY="sk-acme-desk-edge"),
    _case("key without its prefix only", "GEN561", 1, "10^", FREE_KEY="sk-"),
    _case("key of several words", "GEN561", 0, "10^", FREE_KEY="sk-litellm-master-key-2024"),
    _case("key without prefix", "GEN562", 1, "`sk-`", MASTER_KEY="c1f9e8d7a6b5c4d3e2f1a0b9c8d7e6f5"),
    _case("key that Compose changes", "GEN562", 1, "single quotes", HOSTED_KEY="9c2$Xfe0"),
    _case("key with space around it", "GEN562", 1, "space", HOSTED_KEY="'9c2fe0 '"),
    _case("database that is no URL", "GEN562", 1, ".env.example", DATABASE_URL="db.acme.example"),
    _case("database of another kind", "GEN562", 1, ".env.example", DATABASE_URL="mysql://a:b@db.acme.example/x"),
    _case("key of two tenants", "GEN563", 1, "FREE_KEY", GOLD_KEY=VALUES["FREE_KEY"]),
    _case("key of the administrator and a provider", "GEN563", 1, "HOSTED_KEY", MASTER_KEY=VALUES["HOSTED_KEY"]),
]
