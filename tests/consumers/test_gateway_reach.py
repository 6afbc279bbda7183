"""Who reaches a gateway on Kubernetes, and the real program behind the arguments and probes of its pods."""

import json
import os
import re
import socket
import subprocess
import urllib.error
import urllib.request
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from tests.consumers.gateways import OUTPUTS, server, template
from tests.consumers.patience import wait_until
from tests.consumers.tools import tool

MASTER_KEY = "sk-made-up-0123456789abcdef"
LISTED = Path(__file__).with_name("litellm_routes.py")
METHODS = ("GET ", "POST ", "PUT ", "PATCH ", "DELETE ")
QUIET = {"PATH": os.environ["PATH"], "LITELLM_LOCAL_MODEL_COST_MAP": "True", "LITELLM_MODE": "PRODUCTION"}

PUBLISHED = ("/v1/chat/completions", "/v1/completions", "/v1/models")
"""Of a gateway whose routes are for chats. Load balancers see for themselves whether a pod is ready."""

NEVER_CLOSED = frozenset(
    f"{method} {path}"
    for method, paths in {
        "GET": """
            /
            /.well-known/litellm-ui-config
            /config/yaml
            /fallback/login
            /get/ui_settings
            /get/ui_theme_settings
            /get_favicon
            /get_image
            /get_logo_url
            /health/liveliness
            /health/liveness
            /health/readiness
            /litellm/.well-known/litellm-ui-config
            /onboarding/get_token
            /public/agent_hub
            /public/agents/fields
            /public/autorouter_presets
            /public/complexity_router/fuse_presets
            /public/complexity_router/scorer_defaults
            /public/endpoints
            /public/litellm_blog_posts
            /public/litellm_model_cost_map
            /public/mcp_hub
            /public/model_hub
            /public/model_hub/info
            /public/providers
            /public/providers/fields
            /public/skill_hub
            /public/v1/model_hub
            /routes
            /sso/callback
            /sso/cli/poll/{key_id}
            /sso/key/generate
            /sso/saml/login
            /sso/saml/metadata
            /test
            /toolset/{toolset_name}/mcp
            /ui/
            /ui/index.html
        """,
        "POST": """
            /moyai/connect/exchange
            /onboarding/claim_token
            /sso/cli/complete/{login_id}
            /sso/cli/start
            /sso/saml/callback
            /toolset/{toolset_name}/mcp
            /v1/logs
            /v1/traces
        """,
        "PUT": """
            /toolset/{toolset_name}/mcp
        """,
        "PATCH": """
            /toolset/{toolset_name}/mcp
        """,
        "DELETE": """
            /toolset/{toolset_name}/mcp
        """,
    }.items()
    for path in paths.split()
)
"""What LiteLLM answers without a key, the probes included: it has no setting that closes these, or sells it.

As far as they were read, none of them calls a model; a login that somebody starts there leads nowhere without a user
interface. Outside of the cluster none is published.
"""

GIVEN_UP = "Prometheus metrics server did not answer"
"""LiteLLM's last word when its second process is not there within 30 s; whoever runs it starts it again."""


@pytest.mark.consumer("helm")
def test_nothing_is_exposed_by_itself(gateways_folder: Path) -> None:
    for path in [*OUTPUTS, gateways_folder / "fixed.gateway.values.yaml"]:
        objects = template(path)
        assert not {"Ingress", "HTTPRoute"} & set(objects)
        assert objects["Service"]["spec"]["type"] == "ClusterIP"
        assert not [rule for rule in objects["NetworkPolicy"]["spec"]["ingress"] if "ipBlock" in json.dumps(rule)]


@pytest.mark.consumer("helm")
def test_an_ingress_lets_answers_take_their_time(gateways_folder: Path) -> None:
    """ingress-nginx: 60 s between two reads, buffering and 1 MiB by default. AWS: 60 s idle, node ports, plain HTTP."""
    found = template(gateways_folder / "open.gateway.values.yaml")["Ingress"]
    notes = {key.rpartition("/")[2]: value for key, value in found["metadata"]["annotations"].items()}
    assert int(notes["proxy-read-timeout"]) == int(notes["proxy-send-timeout"]) == 1200
    assert notes["proxy-buffering"] == "off"
    assert notes["proxy-body-size"] == "64m"
    assert found["spec"]["tls"] == [{"hosts": ["chat.example.com"], "secretName": "chat-tls"}]
    [rule] = found["spec"]["rules"]
    assert rule["host"] == "chat.example.com"
    assert {(path["path"], path["pathType"]) for path in rule["http"]["paths"]} == {
        (path, "Exact") for path in PUBLISHED
    }
    for path in rule["http"]["paths"]:
        assert path["backend"]["service"] == {"name": "open", "port": {"name": "http"}}
    balancer = template(gateways_folder / "alb.gateway.values.yaml")["Ingress"]["metadata"]["annotations"]
    assert balancer == {
        "alb.ingress.kubernetes.io/healthcheck-path": "/health/readiness",
        "alb.ingress.kubernetes.io/listen-ports": '[{"HTTPS": 443}]',
        "alb.ingress.kubernetes.io/load-balancer-attributes": "idle_timeout.timeout_seconds=1200",
        "alb.ingress.kubernetes.io/target-type": "ip",
    }


@pytest.mark.consumer("helm")
def test_a_route_of_the_gateway_api_has_no_timeout(gateways_folder: Path) -> None:
    objects = template(gateways_folder / "public.gateway.values.yaml")
    spec = objects["HTTPRoute"]["spec"]
    assert spec["parentRefs"] == [{"name": "public", "namespace": "edge"}]
    [rule] = spec["rules"]
    assert rule["timeouts"] == {"request": "0s"}
    assert [match["path"] for match in rule["matches"]] == [{"type": "Exact", "value": path} for path in PUBLISHED]
    assert [(ref["name"], ref["port"]) for ref in rule["backendRefs"]] == [("public", 4000)]
    peers = objects["NetworkPolicy"]["spec"]["ingress"][0]["from"]
    assert {"ipBlock": {"cidr": "0.0.0.0/0"}} in peers, "load balancers call pods from addresses of their own"


@pytest.mark.consumer("helm", "litellm")
def test_the_program_takes_its_arguments_and_its_probes(gateways_folder: Path, tmp_path: Path) -> None:
    """The real one, started as the pod starts it: probes ask no key, and metrics none on their own port alone."""
    container = server(template(gateways_folder / "program.gateway.values.yaml"))
    (tmp_path / "config.yaml").write_text(
        "".join(template(gateways_folder / "program.gateway.values.yaml")["ConfigMap"]["data"].values())
    )
    port, metrics = free_port(), free_port()
    exchanged = {"/etc/gateway/config.yaml": str(tmp_path / "config.yaml"), "4000": str(port), "4001": str(metrics)}
    arguments = [exchanged.get(word, word) for word in container["args"]]
    assert set(exchanged.values()) <= set(arguments)
    env = {item["name"]: item.get("value", MASTER_KEY) for item in container["env"]}
    env |= {"PATH": os.environ["PATH"], "HOME": str(tmp_path), "TMPDIR": str(tmp_path), "HOST": "127.0.0.1"}
    command = [tool("litellm").with_name("litellm"), *arguments]
    paths = [container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "readiness", "liveness")]
    proxy = started(command, env, tmp_path)

    def lives() -> bool:
        nonlocal proxy
        if proxy.poll() is not None:
            said = (tmp_path / "log").read_text()
            assert GIVEN_UP in said, said[-3000:]
            proxy = started(command, env, tmp_path)
        return answer(port, paths[0]) == 200

    try:
        wait_until(lives, "the proxy lives", step_s=0.5)
        assert [answer(port, path) for path in paths[1:]] == [200, 200]
        assert answer(port, "/metrics/") == 401
        assert answer(metrics, "/metrics") == 200
        assert open_routes(port) == NEVER_CLOSED
    finally:
        proxy.terminate()
        proxy.wait(60)


def started(command: list[Any], env: dict[str, str], folder: Path) -> subprocess.Popen[bytes]:
    """The running program; its log is `log`."""
    with (folder / "log").open("w") as log:
        return subprocess.Popen(command, env=env, cwd=folder, stdout=log, stderr=subprocess.STDOUT)


def open_routes(port: int) -> frozenset[str]:
    """Every route of the program, listed by itself, that answers a call without a key."""
    done = subprocess.run([tool("litellm"), LISTED], capture_output=True, text=True, check=True, env=QUIET)
    routes = [line.split(" ", 1) for line in done.stdout.splitlines() if line.startswith(METHODS)]
    assert len({path for _, path in routes}) > 400, "a part of them only"
    with ThreadPoolExecutor(4) as pool:
        statuses = pool.map(lambda route: answer(port, re.sub(r"\{[^}]*\}", "x", route[1]), route[0]), routes)
        closed = {0, 401, 403, 404, 405}
        return frozenset(" ".join(r) for r, status in zip(routes, statuses, strict=True) if status not in closed)


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        found: int = probe.getsockname()[1]
        return found


def answer(port: int, path: str, method: str = "GET") -> int:
    """The status of a call without a key; 0 while nobody listens."""
    body = None if method == "GET" else b"{}"
    headers = {"Content-Type": "application/json"} if body else {}
    call = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers, method=method)
    try:
        with urllib.request.urlopen(call, timeout=20) as response:
            return int(response.status)
    except urllib.error.HTTPError as refused:
        return refused.code
    except OSError:
        return 0
