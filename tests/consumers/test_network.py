"""Every container of every rendered tree is told of the proxy and sees the authorities, as Compose and Helm read it."""

import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.core.plan.network import CA_FILE
from tests.consumers.kubernetes import OLDEST, problems
from tests.consumers.network_fleet import compose_containers, write
from tests.consumers.test_compose import read
from tests.consumers.test_envoy_gateway import judged
from tests.consumers.tools import tool

# Written down here a second time, from the manuals of curl, requests, httpx, OpenSSL, Go, Node.js and boto3.
PROXIES = {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "http_proxy", "https_proxy", "no_proxy"}
TRUST = {"SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "AWS_CA_BUNDLE"}
ITSELF = {"localhost", "127.0.0.1", "::1", "0.0.0.0"}
METADATA = {"169.254.169.254", "metadata.google.internal"}
COUNTS = {"desk": 6, "use1": 8, "free": 4}
"""Containers by cluster: servers, pulls, gateways, a migration, and the pods that controllers make of objects."""


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("network"))


def objects(tree: Path, cluster: str) -> Iterator[Any]:
    """Everything that Helm makes of the cluster's releases, and the objects of gateways that have none."""
    for values in sorted((tree / "helm" / cluster).glob("*.values.yaml")):
        command = values.read_text(encoding="utf-8").splitlines()[1].removeprefix("# ").split()
        arguments = [tool("helm"), "template", *command[3:], "--kube-version", OLDEST]
        done = subprocess.run(arguments, cwd=values.parent, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        yield from (item for item in yaml.safe_load_all(done.stdout) if item)
    if cluster == "use1":
        for file in sorted((tree / "gateway" / "ai" / "manifests").glob("*.yaml")):
            yield from yaml.safe_load_all(file.read_text(encoding="utf-8"))


def pod_containers(tree: Path, cluster: str) -> Iterator[tuple[str, dict[str, Any], dict[str, Any]]]:
    """Every container of every pod: its name, its environment, and its pod."""
    for item in objects(tree, cluster):
        if item["kind"] in ("Deployment", "Job"):
            pod = item["spec"]["template"]["spec"]
            for container in (*pod.get("initContainers", ()), *pod["containers"]):
                yield f"{item['metadata']['name']}/{container['name']}", container, pod
        elif item["kind"] == "EnvoyProxy":
            made = item["spec"]["provider"]["kubernetes"]["envoyDeployment"]
            yield item["metadata"]["name"], made["container"], made["pod"]


def env(container: dict[str, Any]) -> dict[str, Any]:
    entries = container.get("env", [])
    names = [entry["name"] for entry in entries]
    assert len(set(names)) == len(names), "a variable stands there twice"
    return {entry["name"]: entry.get("value", entry.get("valueFrom")) for entry in entries}


def direct(variables: dict[str, Any]) -> set[str]:
    assert variables["NO_PROXY"] == variables["no_proxy"]
    return set(variables["NO_PROXY"].split(","))


def test_compose_containers_are_told(tree: Path) -> None:
    found = list(compose_containers(tree))
    assert len(found) == COUNTS["desk"]
    for name, variables, mounts in found:
        assert variables.keys() >= PROXIES | TRUST, name
        assert variables["http_proxy"] == variables["HTTP_PROXY"] == "http://proxy.corp.example:3128"
        assert variables["https_proxy"] == variables["HTTPS_PROXY"] == "http://proxy.corp.example:3129"
        assert direct(variables) >= ITSELF | METADATA | {".corp.example", "host.docker.internal"}, name
        assert {variables[variable] for variable in TRUST} == {CA_FILE}
        [mount] = [item for item in mounts if item["target"] == CA_FILE]
        assert (mount["type"], mount["source"], mount["read_only"]) == ("bind", "/etc/ssl/corp.pem", True)
        # What fetches the model asks the same hub as the server.
        if not name.endswith(".gateway"):
            assert variables["HF_ENDPOINT"] == "https://hub.corp.example", name


@pytest.mark.parametrize("name", ["desk/lite.gateway", "desk/hull.gateway"])
def test_a_gateway_reaches_what_is_near_without_the_proxy(tree: Path, name: str) -> None:
    variables = {key: found for key, found, _ in compose_containers(tree)}[name]
    assert direct(variables) >= {"vllm-desk", "box.local"}
    assert not {host for host in direct(variables) if "openai" in host or "use1" in host}
    assert variables["TZ"] == "UTC"


@pytest.mark.consumer("helm")
@pytest.mark.parametrize("cluster", ["use1", "free"])
def test_pods_are_told(tree: Path, cluster: str) -> None:
    found = list(pod_containers(tree, cluster))
    assert len(found) == COUNTS[cluster]
    for name, container, pod in found:
        variables = env(container)
        assert variables.keys() >= TRUST, name
        if cluster == "free":
            assert not variables.keys() & PROXIES, name
        else:
            assert variables.keys() >= PROXIES, name
            url = {"secretKeyRef": {"name": "proxy", "key": "url"}}
            assert [variables[key] for key in PROXIES if "NO" not in key.upper()] == [url] * 4
            assert direct(variables) >= ITSELF | METADATA | {".svc", ".cluster.local", "172.20.0.0/16", "10.0.0.0/16"}
        _trusts(container, pod)


def _trusts(container: dict[str, Any], pod: dict[str, Any]) -> None:
    [mount] = [item for item in container["volumeMounts"] if item["mountPath"] == str(Path(CA_FILE).parent)]
    [volume] = [item for item in pod["volumes"] if item["name"] == mount["name"]]
    item = {"key": "ca.crt", "path": Path(CA_FILE).name}
    assert volume == {"name": mount["name"], "configMap": {"name": "corp-ca", "items": [item]}}
    assert mount["readOnly"] is True


@pytest.mark.consumer("helm")
def test_a_gateway_of_a_cluster_reaches_machines_of_ones_own_without_the_proxy(tree: Path) -> None:
    found = {name: env(container) for name, container, _ in pod_containers(tree, "use1")}
    for name in ("lite-k8s/gateway", "hull-k8s/gateway", "ai"):
        assert direct(found[name]) >= {"desk.office.example", "box.local"}, name
        assert found[name]["TZ"] == "UTC", name


def test_envoy_reads_authorities_from_a_file_and_no_variable(tree: Path) -> None:
    for name in ("hull", "hull-k8s"):
        text = (tree / "gateway" / name / "xds" / "clusters.yaml").read_text()
        assert CA_FILE in text
        assert "/etc/ssl/certs" not in text
    policies = [
        item
        for item in yaml.safe_load_all((tree / "gateway" / "ai" / "manifests" / "backends.yaml").read_text())
        if item["kind"] == "BackendTLSPolicy"
    ]
    assert policies
    for policy in policies:
        assert policy["spec"]["validation"]["caCertificateRefs"] == [
            {"group": "", "kind": "ConfigMap", "name": "corp-ca"}
        ]
        assert "wellKnownCACertificates" not in policy["spec"]["validation"]


@pytest.mark.consumer("compose")
def test_compose_reads_the_project(tree: Path, tmp_path: Path) -> None:
    services = read(tree / "compose" / "desk", tmp_path)["services"]
    assert {service["environment"]["NODE_EXTRA_CA_CERTS"] for service in services.values()} == {CA_FILE}
    for service in services.values():
        assert CA_FILE in {mount["target"] for mount in service["volumes"]}


@pytest.mark.consumer("compose")
def test_compose_gives_the_host_a_name(tmp_path: Path) -> None:
    url = "http://host.docker.internal:11434/v1"
    tree = write(tmp_path, {"providers": {"near": {"url": url}}})
    services = read(tree / "compose" / "desk", tmp_path)["services"]
    named = {name for name, service in services.items() if service.get("extra_hosts")}
    assert named == {"lite.gateway", "hull.gateway"}
    assert services["lite.gateway"]["extra_hosts"] == ["host.docker.internal=host-gateway"]


@pytest.mark.consumer("helm", "kubernetes")
@pytest.mark.parametrize("cluster", ["use1", "free"])
def test_kubernetes_takes_the_pods(tree: Path, cluster: str) -> None:
    pods = [item for item in objects(tree, cluster) if item["kind"] in ("Deployment", "Job")]
    assert [found for item in pods if (found := problems(item))] == []


@pytest.mark.consumer("objects")
def test_envoy_gateway_takes_its_objects(tree: Path) -> None:
    files = sorted((tree / "gateway" / "ai" / "manifests").glob("*.yaml"))
    items = [item for file in files for item in yaml.safe_load_all(file.read_text(encoding="utf-8"))]
    assert judged([item for item in items if item["apiVersion"] != "networking.k8s.io/v1"]) == ""
