"""What of a file is never shown, and what stays readable."""

import pytest
import yaml

from generator.load import events
from generator.load.hidden import Hidden


def shown(text: str, place: str = "") -> str:
    """The last line of `text` below a path of keys, as it may be shown."""
    lines = [f"{'  ' * depth}{key}:" for depth, key in enumerate(filter(None, place.split(".")))]
    indent = "  " * len(lines)
    lines += [indent + line for line in text.splitlines()]
    return Hidden("\n".join(lines) + "\n").line(len(lines) - 1).removeprefix(indent)


@pytest.mark.parametrize(
    ("place", "line"),
    [
        ("providers.openai", "key: {env: OPENAI_API_KEY}"),
        ("providers.openai", "key: {secret: {name: openai, key: api-key}}"),
        ("models.chat.source", "token: {secret: {name: hf, key: token}}"),
        ("models.chat.source", "revision: 0123abcd0123abcd0123abcd0123abcd0123abcd"),
        ("models.chat", "source: Qwen/Qwen3-14B-AWQ"),
        ("models.chat.engine", "args: {max-num-tokens: 4096, tokenizer: acme/x, enable-prefix-caching: true}"),
        ("models.chat.engine", "args: {max-num-batched-tokens: 4096, stop-token-ids: [1, 2]}"),
        ("models.chat.engine.args", 'api-key: ""'),
        ("models.chat", "env: {keyspace: main, VLLM_LOGGING_LEVEL: INFO, HF_TOKEN_PATH: /run/x}"),
        ("models.chat", "env: {HF_TOKEN: '${HF_TOKEN}'}"),
        ("models.chat", "tolerations: [{key: nvidia.com/gpu, operator: Exists, effect: NoSchedule}]"),
        ("clusters.lab.pools.l4", "taints: [{key: nvidia.com/gpu, value: present}]"),
        ("clusters.lab", "state: {s3: {bucket: acme, key: fleet/lab.tfstate}}"),
        ("clusters.lab", "endpoint: {url: https://lab.example.com/v1, key: {env: LAB_KEY}}"),
        ("routes.chat", "timeouts: {firstToken: 2s, idle: 60s}"),
        ("routes.chat", "firstToken: 2s"),
        ("models.chat", "contxt: 8192"),
        ("providers.openai", "keyy: {env: OPENAI_API_KEY}"),
        ("images", "pullSecret: regcred"),
        ("gateways.edge.expose.ingress", "tls: {secret: chat-tls}"),
        ("models.token", "context: 8192"),
        ("models.chat.image", "repository: registry.example.com:5000/token:v1@sha256:abc"),
    ],
)
def test_harmless_lines_stay_readable(place: str, line: str) -> None:
    assert shown(line, place) == line


@pytest.mark.parametrize(
    "merge",
    [
        "env: [{name: API_KEY, valueFrom: {secretKeyRef: {name: acme, key: api-key}}}]",
        "tolerations: [{key: team, operator: Equal, value: chat}]",
        "affinity: {matchExpressions: [{key: disk, operator: In, values: [ssd]}]}",
        "imagePullSecrets: [{name: regcred}]",
        "volumes: [{name: tls, secret: {secretName: chat-tls}}]",
        "podAnnotations: {team: chat}",
    ],
)
def test_references_in_patches_stay_readable(merge: str) -> None:
    text = f"patches:\n  - target: helm\n    placement: a/b\n    merge:\n      {merge}\n"
    assert Hidden(text).line(4) == f"      {merge}"


@pytest.mark.parametrize(
    ("place", "line", "masked"),
    [
        ("providers.openai", "key: hunter2", "key: *******"),
        ("models.chat.source", "token: 'a b' # mine", "token: ***** #"),
        ("models.chat.engine", "args: {api-key: supersecret, seed: 1}", "args: {api-key: ***********, seed: 1}"),
        ("models.chat.engine", "args: {hf-token: [one, two]}", "args: {hf-token: [***, ***]}"),
        ("models.chat", "apikye: hunter2", "apikye: *******"),
        ("models.chat", "env: {A: sk-abcdefgh1}", "env: {A: sk-*********}"),
        ("providers.x", "url: https://u:p@ss@db/x", "url: https://******@db/x"),
        ("providers.x", "url: https://api.example.com/v1?sig=abc", "url: https://api.example.com/v1?sig=***"),
        ("tenants", "gold: hunter2", "gold: *******"),
        ("tenants.gold", "key: {value: hunter2}", "key: {value: *******}"),
        ("tenants.gold", "key: {hunter2}", "key: {*******}"),
        ("tenants.gold", "key: !hunter2 x", "key: **********"),
        ("tenants.gold", "key: *hunter2", "key: ********"),
        ("models.chat.env", "A: &s hunter2\nHF_TOKEN: *s", "HF_TOKEN: **"),
    ],
)
@pytest.mark.parametrize("parser", ["CBaseLoader", "BaseLoader"])
def test_values_that_may_be_secrets_are_starred(
    place: str, line: str, masked: str, parser: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(events, "_PARSER", getattr(yaml, parser))
    assert shown(line, place) == masked


def test_the_place_of_an_anchor_is_hidden_with_its_alias() -> None:
    text = "models:\n  chat:\n    env:\n      A: &s hunter2\n      HF_TOKEN: *s\n"
    assert Hidden(text).line(3) == "      A: **********"


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("a: {b: hunter2\n", "a: {b: *******"),
        ("context: 8192: 3\n", "context: 8192: 3"),
        ("a: [\nkey: my: pass\n", "key: ********"),
        ("a: [\n- hunter2 # why\n", "- ******* #"),
        ("a: [\npassword:\n  hunter2: x\n", "  **********"),
    ],
)
def test_a_line_of_what_is_no_yaml_keeps_its_structure(text: str, masked: str) -> None:
    assert Hidden(text + "}\n").line(text.count("\n") - 1) == masked


@pytest.mark.parametrize(
    ("told", "hidden"),
    [
        ("`hunter2secret` is text", "`***` is text"),
        ("`a hunter2se...` is text", "`a ***...` is text"),
        ("did you mean HUNTER2SECRET?", "did you mean ***?"),
        ("models.chat has no such key", "models.chat has no such key"),
    ],
)
def test_words_do_not_repeat_what_a_line_hides(told: str, hidden: str) -> None:
    text = "providers: {x: {key: hunter2secret}, y: {key: chat}}\nmodels: {chat: {context: chat}}\n"
    assert Hidden(text).words.hide(told) == hidden
