"""A fleet behind a proxy, with every engine and every kind of gateway on a docker host and in a cluster, rendered."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from generator.pipeline import check, render

FLEET = """
apiVersion: fleetgen/v1
name: acme
network:
  proxy: {http: "http://proxy.corp.example:3128", https: "http://proxy.corp.example:3129", noProxy: [.corp.example]}
  ca: {file: /etc/ssl/corp.pem, configMap: {name: corp-ca, key: ca.crt}}
clusters:
  desk:
    platform: docker
    endpoint: {url: "https://desk.office.example"}
    pools: {gpu: {gpu: rtx-4090, gpusPerNode: 2, nodes: 1}}
  use1:
    platform: eks
    region: us-east-1
    endpoint: {url: "https://{service}.use1.example"}
    cluster: {create: {version: "1.34", zones: [us-east-1a, us-east-1b]}}
    pools: {l4: {gpu: l4, nodes: {min: 0, max: 8}}}
    network: {proxy: {secret: {secret: {name: proxy, key: url}}}}
  free:
    platform: kubernetes
    pools: {l40s: {gpu: l40s, nodes: 2}}
    network: {proxy: {}}
providers:
  openai: {api: openai, key: {env: OPENAI_API_KEY}}
  near: {api: openai-compatible, url: "http://box.local:8000/v1"}
defaults: {env: {HF_ENDPOINT: "https://hub.corp.example"}, context: 8192}
models:
  vllm:
    source: {huggingface: Qwen/Qwen3-4B}
    engine: {name: vllm}
    placements: {desk: {cluster: desk, pool: gpu}, use1: {cluster: use1, pool: l4}, free: {cluster: free, pool: l40s}}
  tgi:
    source: {huggingface: Qwen/Qwen3-4B}
    engine: {name: tgi}
    placements: {desk: {cluster: desk, pool: gpu}, use1: {cluster: use1, pool: l4}}
  ollama:
    source: {ollama: "qwen3:0.6b"}
    engine: {name: ollama}
    placements: {desk: {cluster: desk}, use1: {cluster: use1}, free: {cluster: free}}
routes:
  chat:
    tiers:
      - [{model: vllm, placement: desk}]
      - [{model: vllm, placement: use1}]
      - [{provider: near, model: m}, {provider: openai, model: gpt-5-mini}]
  small: {tiers: [[{model: vllm, placement: free}]]}
gateways:
  lite: {kind: litellm, cluster: desk, routes: [chat], database: {env: DATABASE_URL}, env: {TZ: UTC}}
  hull: {kind: envoy, cluster: desk, routes: [chat], env: {TZ: UTC}}
  lite-k8s: {kind: litellm, cluster: use1, routes: [chat], database: {env: DATABASE_URL}, env: {TZ: UTC}}
  hull-k8s: {kind: envoy, cluster: use1, routes: [chat], env: {TZ: UTC}}
  ai: {kind: envoy-gateway, cluster: use1, routes: [chat], env: {TZ: UTC}}
  free: {kind: litellm, cluster: free, routes: [small]}

"""


def write(folder: Path, changes: Any = None) -> Path:
    """The rendered tree, below the folder."""
    spec = folder / "fleet.yaml"
    spec.write_text(FLEET, encoding="utf-8")
    environment = "default"
    if changes is not None:
        environment = "case"
        (folder / "fleet.case.yaml").write_text(yaml.safe_dump(changes), encoding="utf-8")
    checked = check(spec, environment)
    assert checked.plan is not None, [(f.id, f.message, f.cause) for f in checked.findings if f.severity == "error"]
    for artifact in render(checked):
        file = folder / "out" / artifact.path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(artifact.content)
    return folder / "out"


def compose_containers(tree: Path) -> Iterator[tuple[str, dict[str, Any], list[Any]]]:
    """Every container of every project: its name, its environment, its mounts."""
    for file in sorted(tree.glob("compose/*/compose.yaml")):
        for name, service in yaml.safe_load(file.read_text())["services"].items():
            yield f"{file.parent.name}/{name}", service.get("environment", {}), service.get("volumes", [])
