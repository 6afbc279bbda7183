"""The query KEDA asks matches the pods of its own release, by the names that Kubernetes gives them, and no others."""

import re
from types import SimpleNamespace

import pytest

from generator.resolve.placements.scaling import _query

WORKLOAD = SimpleNamespace(running_metric="vllm:num_requests_running", waiting_metric="vllm:num_requests_waiting")


def pod_name(service: str, template_hash: str) -> str:
    """A pod of a Deployment: what stands before the random end is cut to 63 - 5 characters."""
    return f"{service}-{template_hash}-"[:58] + "x7k2p"


def matches(service: str, pod: str) -> bool:
    """Prometheus matches whole values."""
    item = SimpleNamespace(service=service, cluster=SimpleNamespace(namespace="inference"))
    found = set(re.findall(r'pod=~"([^"]*)"', _query(item, WORKLOAD)))
    assert len(found) == 1
    return bool(re.fullmatch(found.pop(), pod))


@pytest.mark.parametrize("template_hash", ["6d4cf56db6", "58d7bb469"])
@pytest.mark.parametrize("length", [1, 6, 45, 46, 47, 48, 50, 52])
def test_pods_of_a_release_are_found_whatever_its_names_length(length, template_hash):
    service = "a" * length
    assert matches(service, pod_name(service, template_hash))
    for longer in (f"{service}-b", f"{service}-bb-cc"):
        assert not matches(service, pod_name(longer, template_hash))
