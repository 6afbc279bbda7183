"""What stands in a gateway's values beyond what the case shows: replicas, secrets, and the reach of its namespace."""

from dataclasses import replace
from typing import Any

import pytest
import yaml

from generator.core.errors import BugError
from generator.core.plan import ClusterPlan, ExposePlan, GatewayPlan, SecretRef
from generator.targets.helm.target import HELM
from tests import plans, serving

CLOUD = plans.cluster("cloud", "eks", has=frozenset({"prometheus-operator"}), monitor_namespace="observe")
DATABASE = SecretRef("DATABASE_URL", "litellm", "url")


def gateway(**changes: Any) -> GatewayPlan:
    """A gateway on Kubernetes."""
    made = serving.gateway((), cluster="cloud", host_port=0, min_replicas=2, max_replicas=4)
    return replace(made, **changes)


def found(cluster: ClusterPlan = CLOUD, **changes: Any) -> dict[str, Any]:
    """The values of the release, as Helm reads them."""
    made = gateway(**changes)
    [text] = [
        artifact.content.decode()
        for artifact in HELM.render(plans.plan(cluster, gateways=(made,), pull_secret="regcred"))
        if artifact.path == f"helm/cloud/{made.name}.gateway.values.yaml"
    ]
    parsed: dict[str, Any] = yaml.safe_load(text)
    return parsed


def test_another_kind_is_a_bug() -> None:
    with pytest.raises(BugError, match="'other'"):
        found(kind="other")


def test_a_range_is_scaled_and_a_number_is_not() -> None:
    scaled, fixed = found(), found(min_replicas=3, max_replicas=3)
    assert scaled["autoscaling"] == {"enabled": True, "minReplicas": 2, "maxReplicas": 4}
    assert "replicaCount" not in scaled
    assert fixed["replicaCount"] == 3
    assert "autoscaling" not in fixed


def test_prometheus_is_let_in_where_it_runs() -> None:
    peer = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": "observe"}}}
    assert found()["networkPolicy"] == {"metricsFrom": [peer]}
    assert found()["podMonitor"] == {"enabled": True}
    assert "podMonitor" not in found(plans.cluster("cloud", "eks"))


def test_an_exposed_gateway_admits_addresses_outside_of_the_cluster() -> None:
    peers = found(expose=ExposePlan("chat.example.com", parent="public"))["networkPolicy"]["ingressFrom"]
    assert {"namespaceSelector": {}} in peers
    assert {peer["ipBlock"]["cidr"] for peer in peers if "ipBlock" in peer} == {"0.0.0.0/0", "::/0"}


@pytest.mark.parametrize(
    ("task", "paths"),
    [
        ("chat", ["/v1/chat/completions", "/v1/completions", "/v1/models"]),
        ("complete", ["/v1/completions", "/v1/models"]),
        ("embed", ["/v1/embeddings", "/v1/models"]),
        ("rerank", ["/v1/models", "/v1/rerank"]),
    ],
)
@pytest.mark.parametrize("expose", [ExposePlan("a.b", "alb"), ExposePlan("a.b", parent="public")])
def test_only_the_paths_of_the_routes_tasks_are_published(task: str, paths: list[str], expose: ExposePlan) -> None:
    route = replace(gateway().routes[0], task=task)
    assert found(routes=(route,), expose=expose)["exposure"]["paths"] == paths


def test_readiness_fills_the_annotations_that_ask_for_it() -> None:
    exposed = ExposePlan("chat.example.com", "alb", {"health": "{ready}", "other": "{x}"})
    notes = found(expose=exposed)["exposure"]["ingress"]["annotations"]
    assert notes == {"health": "/health/readiness", "other": "{x}"}


def test_without_a_database_nothing_is_migrated() -> None:
    without, with_one = found(database=None), found(database=DATABASE)
    assert "migration" not in without
    assert not {"DATABASE_URL", "DISABLE_SCHEMA_UPDATE"} & {*without["env"], *without["secretEnv"]}
    assert with_one["migration"]["secretEnv"] == {"DATABASE_URL": {"secret": "litellm", "key": "url"}}
    assert with_one["env"]["DISABLE_SCHEMA_UPDATE"] == "True"


def test_the_mirror_s_secret_pulls() -> None:
    assert found()["imagePullSecrets"] == ["regcred"]


def test_a_docker_host_gets_no_release() -> None:
    desk = serving.cluster()
    made = plans.plan(desk, gateways=(serving.gateway(()),))
    assert list(HELM.render(made)) == []
