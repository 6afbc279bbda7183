"""The gateway of the tests of a running Envoy: routes to fakes that misbehave, and tenants."""

from pathlib import Path
from typing import Any

from conformance.runners.process import free_port
from generator.targets.gateway.target import GATEWAY
from tests import route_fleets
from tests.trees import lay_out


def keys(gateway: Path) -> dict[str, str]:
    """A made-up value for every key file that the gateway's files name."""
    text = "".join(path.read_text() for path in gateway.rglob("*.yaml"))
    names = {word.partition("/run/secrets/")[2].strip('"') for word in text.split() if "/run/secrets/" in word}
    return {name: f"made-up-{name.lower()}" for name in names}


def tier(*names: str, **weights: int) -> list[dict[str, Any]]:
    """A tier of fakes, by role; a dash is written `_` in `weights`."""
    plain = [{"provider": name, "model": f"upstream-{name}"} for name in names]
    return plain + [
        {"provider": name.replace("_", "-"), "model": "m", "weight": weight} for name, weight in weights.items()
    ]


QUICK = {"firstToken": "2s", "idle": "3s", "total": "20s"}

PATIENT = {"firstToken": "60s", "idle": "60s", "total": "120s"}
"""More than LONG_S: a call that ends before did not wait for these."""

ONCE = {"timeouts": QUICK, "retries": {"max": 0}}
ROUTES: dict[str, Any] = {
    "plain": {"tiers": [tier("plain"), tier("second")], **ONCE},
    **{
        name: {
            "tiers": [tier(f"{name}-{what}"), tier("spare")],
            "timeouts": QUICK if what in {"mute", "pings", "silent"} else PATIENT,
            "retries": {"max": 0},
        }
        for name, what in {
            "busy": "503",
            "limited": "429",
            "broken": "500",
            "overloaded": "529",
            "reset": "reset",
            "late": "mute",
            "slow": "pings",
            "inside": "event",
            "mistake": "400",
            "wrongkey": "401",
            "unknown": "404",
            "cut": "cut",
            "still": "silent",
            "done": "finish",
            "lost": "unended",
        }.items()
    },
    "refused": {"tiers": [tier("refused"), tier("spare")], "timeouts": PATIENT, "retries": {"max": 0}},
    "three": {"tiers": [tier("three-503"), tier("three2-503"), tier("spare")], **ONCE},
    "dead": {"tiers": [tier("dead-503"), tier("dead2-429")], **ONCE},
    "sibling": {"tiers": [tier("sib1-503", "sib2"), tier("spare")], "timeouts": QUICK, "retries": {"max": 1}},
    "again": {
        "tiers": [tier("again-500"), tier("spare")],
        "timeouts": QUICK,
        "retries": {"max": 2, "backoff": {"base": "50ms", "max": "100ms"}},
    },
    "atonce": {"tiers": [tier("atonce-503"), tier("spare")], "timeouts": QUICK, "retries": {"max": 2}},
    "alone": {"tiers": [tier("alone-429")], "timeouts": QUICK, "retries": {"max": 1, "backoff": {"max": "2s"}}},
    "only503": {"tiers": [tier("o-429"), tier("spare")], **ONCE, "fallbackOn": ["503"]},
    "short": {"tiers": [tier("short-longer")], "timeouts": {**QUICK, "total": "1s"}, "retries": {"max": 0}},
    "shares": {"tiers": [tier(w3=3, w1=1)], **ONCE},
    "zero": {"tiers": [tier(z0=0, z1=1)], **ONCE},
    "zerodown": {"tiers": [tier(y0=0, y1_503=1), tier("spare")], **ONCE},
    "steady": {"tiers": [tier(s1_long=100_000, s2=1)], **ONCE},
    "prompts": {"tiers": [tier("prompts")], "context": {"over": 500, "use": tier("large")}, **ONCE},
    "waiting": {"tiers": [tier("v-wait")], "timeouts": PATIENT, "retries": {"max": 0}},
    "kept": {"tiers": [tier("kept")], **ONCE},
    "rotated": {"tiers": [tier("rotated")], **ONCE},
    "sticky": {"tiers": [tier("sticky")], "sticky": "X-Seat", "shadow": tier("copied")[0], **ONCE},
    "keyless": {"tiers": [tier("keyless"), tier("spare")], **ONCE},
}
TENANTS = {
    "gold": {"key": {"env": "GOLD_KEY"}, "routes": sorted(set(ROUTES) - {"kept"})},
    "slow": {"key": {"env": "SLOW_KEY"}, "routes": ["plain"], "limits": {"requestsPerMinute": 3}},
    "narrow": {"key": {"env": "NARROW_KEY"}, "routes": ["waiting"], "limits": {"maxParallel": 2}},
}
VALUES = {"GOLD_KEY": "gold", "SLOW_KEY": "slow", "NARROW_KEY": "narrow", "ENVOY_MASTER_KEY": "root"}


def write(folder: Path, port: int) -> Path:
    """The gateway of the routes above, rendered; each fake has a key of its own, and odd ones another host name."""
    names = sorted(
        {ref["provider"] for route in ROUTES.values() for refs in route["tiers"] for ref in refs} | {"large", "copied"}
    )
    closed, hosts = free_port(), ("127.0.0.1", "localhost")
    providers = {
        name: {
            "api": "openai-compatible",
            "url": f"http://{hosts[number % 2]}:{closed if name == 'refused' else port}/{name}/v1",
            "key": {"env": f"KEY_{name.upper().replace('-', '_')}"},
        }
        for number, name in enumerate(names)
    }
    spec = route_fleets.fleet(
        providers=providers,
        models={"unused": route_fleets.model("desk")},
        routes=ROUTES,
        tenants=TENANTS,
        gateways={"edge": {"kind": "envoy", "cluster": "desk"}},
    )
    plan, _ = route_fleets.plan(spec)
    lay_out(GATEWAY.render(plan), folder)
    return folder / "gateway" / "edge"
