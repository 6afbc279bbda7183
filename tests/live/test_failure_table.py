"""Holds docs/preflight.md: its table tells what the tests play and nothing else, its policies what is really asked."""

import json
import re
from pathlib import Path

from generator.core.finding import Kind
from generator.core.kinds import all_kinds, live
from generator.live.aws.client import OPERATIONS
from generator.live.aws.offers import PERMISSIONS as AWS_OFFERS
from generator.live.azure.account import PERMISSIONS as AZURE
from generator.live.azure.offers import PERMISSIONS as AZURE_OFFERS
from generator.live.gcp.account import PERMISSIONS as GCP
from generator.live.gcp.offers import PERMISSIONS as GCP_OFFERS
from tests.live import aws_account, azure_account, docker_host, gcp_account

PAGE = (Path(__file__).resolve().parents[2] / "docs" / "preflight.md").read_text(encoding="utf-8")
ROW = re.compile(r"^\| ([^|]+) \| ([^|]+) \| (GEN\d+) \| (\d) \| ([^|]+) \|$", re.MULTILINE)
PLAYED = {"AWS": aws_account.CASES, "GCP": gcp_account.CASES, "Azure": azure_account.CASES, "docker": docker_host.CASES}


def test_the_table_is_what_the_tests_play() -> None:
    told = {
        (failure, cloud, id_, int(code))
        for failure, clouds, id_, code, _ in ROW.findall(PAGE)
        for cloud in clouds.split(", ")
    }
    played = {(case.failure, cloud, case.id, case.code) for cloud, cases in PLAYED.items() for case in cases}
    assert told == played


def test_every_kind_is_in_the_table() -> None:
    kinds = {kind.id for kind in all_kinds() if kind.id.startswith("GEN5")}
    assert {id_ for _, _, id_, _, _ in ROW.findall(PAGE)} == kinds
    assert {value.id for value in vars(live).values() if isinstance(value, Kind)} == kinds


def test_what_was_not_answered_ends_with_4() -> None:
    for _, _, id_, code, _ in ROW.findall(PAGE):
        assert (id_ in live.UNANSWERED) == (code == "4"), id_


def test_the_policy_of_aws_allows_exactly_what_is_asked() -> None:
    [policy] = re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)
    [statement] = json.loads(policy)["Statement"]
    assert statement["Effect"] == "Allow"
    assert statement["Action"] == sorted(OPERATIONS)


def test_the_permissions_of_the_others_are_listed() -> None:
    listed = re.findall(r"^\* `([^`]+)`$", PAGE, re.MULTILINE)
    assert listed == [*sorted(GCP), *sorted(AZURE)]


def test_the_permissions_of_a_refresh_are_told() -> None:
    rows = re.findall(r"^\| `(aws|gcp|azure)` \|.*\| ([^|]+) \|$", PAGE, re.MULTILINE)
    told = {cloud: set(re.findall(r"`([^`]+)`", permissions)) for cloud, permissions in rows}
    assert told == {"aws": set(AWS_OFFERS), "gcp": set(GCP_OFFERS), "azure": set(AZURE_OFFERS)}
