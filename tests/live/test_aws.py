"""AWS: every failure of the table in docs/preflight.md, and what is asked when all is well."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from generator.live.answers import Limits
from generator.live.aws.client import OPERATIONS, Aws
from tests.live.aws_account import CASES, FINE, RESERVED, SPEC
from tests.live.cases import Case
from tests.live.conftest import Preflight, played
from tests.live.loopback import Cloud, aws_error

pytestmark = pytest.mark.consumer("moto")
READS = re.compile(r"(Describe|Get|List|Head)[A-Z]\w*")


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> set[str]:
    """The operations that boto3 is told to call, as `service:Operation`."""
    from botocore.client import BaseClient

    seen: set[str] = set()
    call = BaseClient._make_api_call

    def noted(self: Any, operation: str, arguments: Any) -> Any:
        seen.add(f"{self.meta.service_model.signing_name}:{operation}")
        return call(self, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", noted)
    return seen


@pytest.mark.parametrize("case", CASES, ids=str)
def test_failure(case: Case, aws: Cloud, preflight: Preflight, monkeypatch: pytest.MonkeyPatch) -> None:
    if case.failure == "no credentials":
        monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    if case.failure == "timeout":
        monkeypatch.setattr("generator.cli.preflight.command._LONGEST_REQUEST_S", 1.5)
    if case.failure == "no network":
        monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    if case.failure == "missing extra":
        monkeypatch.setitem(__import__("sys").modules, "boto3", None)
        monkeypatch.delitem(__import__("sys").modules, "generator.live.aws.client", raising=False)
        monkeypatch.delitem(__import__("sys").modules, "generator.live.aws.account", raising=False)
    aws.answers = {**case.answers, **{name: answer for name, answer in FINE.items() if name not in case.answers}}
    played(case, preflight, SPEC)


def test_all_is_well(aws: Cloud, preflight: Preflight, calls: set[str]) -> None:
    aws.answers = dict(FINE)
    done = preflight(SPEC)
    assert done.code == 0, done.out + done.err
    rows = {tuple(line.split()[:2]): line for line in done.out.splitlines()[1:]}
    assert {asked for _, asked in rows} == {"identity", "region", "cluster", "offering", "quota", "state"}
    assert "account 123456789012" in rows["use1", "identity"]
    assert "ACTIVE" in rows["use1", "cluster"]
    assert "768 vCPUs, 8 used; needed 32" in done.out
    assert "what was asked is as the fleet needs it" in done.err


def test_nodes_that_run_are_not_counted_twice(aws: Cloud, preflight: Preflight) -> None:
    """Of 32 vCPUs 8 are in use by the pool's own node: all that is left is enough for the other three."""
    from tests.live.aws_account import quota

    aws.answers = {"GetServiceQuota": quota(32.0)}
    spec = SPEC.replace("[spot, on-demand]", "[on-demand]")
    assert preflight(spec).code == 0
    aws.answers = {"GetServiceQuota": quota(31.0)}
    done = preflight(spec)
    assert done.code == 1
    assert "8 in use, 8 of them by these pools" in done.out


def test_later_ways_of_buying_give_warnings(aws: Cloud, preflight: Preflight) -> None:
    from tests.live.aws_account import quota_row
    from tests.live.loopback import Asked, Reply, reply

    def answer(asked: Asked) -> Reply:
        code = "L-3819A6DF" if "L-3819A6DF" in asked.body else "L-DB2E81BA"
        return reply({"Quota": quota_row(code, 768.0 if code == "L-3819A6DF" else 0.0)})

    aws.answers = {"GetServiceQuota": answer}
    done = preflight(SPEC, "-o", "json")
    [finding] = json.loads(done.out)["findings"]
    assert (done.code, finding["id"], finding["severity"]) == (0, "GEN530", "warning")


def test_only_reads_are_called_and_the_policy_names_exactly_them(
    aws: Cloud, preflight: Preflight, calls: set[str]
) -> None:
    aws.answers = {**FINE, "HEAD /acme-tfstate": aws_error("403", 403)}
    both = SPEC.replace("[spot, on-demand]", "[reserved, spot]\n        reservation: {id: cr-0a1b2c3d4e5f60718}")
    preflight(both)
    aws.answers = {**FINE, "GetServiceQuota": aws_error("NoSuchResourceException")}
    preflight(SPEC)
    assert [name for name in calls if not READS.fullmatch(name.partition(":")[2])] == []
    named = {
        "monitoring:GetMetricStatistics": "cloudwatch:GetMetricStatistics",
        "s3:HeadBucket": "s3:ListBucket",
        "s3:ListBuckets": "s3:ListAllMyBuckets",
    }
    assert {named.get(name, name) for name in calls} == set(OPERATIONS)


def test_a_failed_check_wins_over_an_unanswered_one(aws: Cloud, preflight: Preflight) -> None:
    aws.answers = {**FINE, "DescribeInstanceTypeOfferings": aws_error("UnauthorizedOperation", 403)}
    done = preflight(SPEC.replace("acme-tfstate", "acme-none"))
    assert done.code == 1
    assert "GEN503" in done.out
    assert "GEN550" in done.out


def test_reserved_nodes_use_no_quota(aws: Cloud, preflight: Preflight) -> None:
    [(old, new)] = RESERVED
    aws.answers = dict(FINE)
    assert preflight(SPEC.replace(old, new)).code == 0
    assert "GetServiceQuota" not in aws.operations


def test_a_server_that_dribbles_does_not_hold_the_run(aws: Cloud, preflight: Preflight) -> None:
    import time

    aws.answers = dict(FINE)
    aws.dribbles = {"DescribeSubnets"}
    started = time.monotonic()
    done = preflight(SPEC, "--timeout", "4")
    assert time.monotonic() - started < 30, "the server would go on for a day"
    assert done.code == 4
    assert "GEN505" in done.out
    assert "within the 4 s of the run" in done.out


def test_one_cluster_alone_may_be_asked(aws: Cloud, preflight: Preflight) -> None:
    aws.answers = dict(FINE)
    spec = SPEC.replace("models:\n", "  desk: {platform: docker}\nmodels:\n")
    done = preflight(spec, "--cluster", "desk")
    assert (done.code, aws.asked) == (0, [])
    assert "its project asks for no secret" in done.out
    assert preflight(spec, "--cluster", "disk").code == 2


@pytest.mark.parametrize("output", ["json", "github", "sarif"])
def test_findings_come_in_the_formats_of_validate(aws: Cloud, preflight: Preflight, output: str) -> None:
    aws.answers = dict(FINE)
    done = preflight(SPEC.replace("acme-tfstate", "acme-none"), "-o", output)
    assert done.code == 1
    if output == "github":
        assert done.out.startswith("::error file=fleet.yaml,line=8,")
        return
    document = json.loads(done.out)
    if output == "sarif":
        assert document["runs"][0]["results"][0]["ruleId"] == "GEN550"
        return
    assert [(found["id"], found["line"]) for found in document["findings"]] == [("GEN550", 8)]
    assert {line["asked"] for line in document["asked"]} >= {"identity", "cluster", "offering", "quota", "state"}


def test_a_spec_with_errors_is_not_asked_about(aws: Cloud, preflight: Preflight) -> None:
    done = preflight(SPEC.replace("gpu: l4\n", "gpu: l5\n"))
    assert (done.code, aws.asked) == (1, [])


def test_progress_is_for_people_at_a_terminal(
    aws: Cloud, preflight: Preflight, monkeypatch: pytest.MonkeyPatch
) -> None:
    aws.answers = dict(FINE)
    assert "asked 1" not in preflight(SPEC).err
    shown = preflight(SPEC, terminal=True).err
    assert "asked 1 of" in shown
    assert shown.index("use1: state") < shown.rindex("\r\x1b[K"), "the line is taken away again"
    assert "asked 1" not in preflight(SPEC, "--quiet", terminal=True).err


def test_clusters_are_completed(preflight: Preflight, tmp_path: Path) -> None:
    import click

    from generator.cli.preflight.command import complete_cluster

    context = click.Context(click.Command("preflight"))
    parameter = click.Option(["--cluster"])
    assert complete_cluster(context, parameter, "") == [], "there is no fleet here"
    (tmp_path / "fleet.yaml").write_text(SPEC, encoding="utf-8")
    assert complete_cluster(context, parameter, "us") == ["use1"]
    assert complete_cluster(context, parameter, "x") == []


def test_a_region_of_no_form_is_no_region(aws: Cloud, preflight: Preflight) -> None:
    aws.answers = dict(FINE)
    done = preflight(SPEC.replace("region: us-east-1\n", "region: mars\n"))
    assert done.code == 1
    assert "nothing can be had in the region 'mars'" in done.out


@pytest.mark.parametrize(
    ("region", "home"),
    [("eu-west-1", "us-east-1"), ("cn-northwest-1", "cn-north-1"), ("us-gov-east-1", "us-gov-west-1")],
)
def test_who_asks_is_asked_in_the_partition_of_the_region(region: str, home: str) -> None:
    assert Aws(Limits(1, 1)).home(region) == home
