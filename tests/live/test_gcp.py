"""Google Cloud: every failure of the table in docs/preflight.md, and what is asked when all is well."""

import sys

import pytest

from generator.live.gcp import session
from generator.live.gcp.account import PERMISSIONS
from generator.live.rest import Rest
from tests.live.cases import Case
from tests.live.conftest import Preflight, played
from tests.live.gcp_account import CASES, FINE, LISTED, RESERVED, SPEC, machines, nodes, quotas
from tests.live.loopback import Cloud, reply


@pytest.mark.parametrize("case", CASES, ids=str)
def test_failure(case: Case, gcp: Cloud, preflight: Preflight, monkeypatch: pytest.MonkeyPatch) -> None:
    if case.failure == "no credentials":
        monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    if case.failure == "timeout":
        monkeypatch.setattr("generator.cli.preflight.command._LONGEST_REQUEST_S", 1.5)
    if case.failure == "no network":
        monkeypatch.setattr(session, "COMPUTE", "http://127.0.0.1:9")
    if case.failure == "missing extra":
        monkeypatch.setitem(sys.modules, "google.auth", None)
        monkeypatch.delitem(sys.modules, "generator.live.gcp.session")
        monkeypatch.delitem(sys.modules, "generator.live.gcp.account", raising=False)
        monkeypatch.delattr("generator.live.gcp.session")
    gcp.answers = {**FINE, **case.answers}
    played(case, preflight, SPEC)


def test_all_is_well(gcp: Cloud, preflight: Preflight) -> None:
    gcp.answers = dict(FINE)
    done = preflight(SPEC)
    assert done.code == 0, done.out
    assert "project acme as gen@acme.iam.gserviceaccount.com" in done.out
    assert "RUNNING, 1.34.1-gke.100" in done.out
    assert "64 GPUs, 0 used; needed 8" in done.out, "both ways of buying count in the quota of all regions"


def test_only_reads_are_called_and_the_permissions_are_all_used(
    gcp: Cloud, preflight: Preflight, monkeypatch: pytest.MonkeyPatch
) -> None:
    used, get = set(), Rest.get

    def noted(self: Rest, permission: str, url: str, **query: str) -> object:
        used.add(permission)
        return get(self, permission, url, **query)

    monkeypatch.setattr(Rest, "get", noted)
    gcp.answers = dict(FINE)
    [(old, new)] = RESERVED
    preflight(SPEC.replace(old, new.replace("[reserved]", "[reserved, spot]")))
    assert used == set(PERMISSIONS)
    assert {asked.method for asked in gcp.asked if asked.path != "/token"} == {"GET"}


def test_nodes_that_run_are_not_counted_twice(gcp: Cloud, preflight: Preflight) -> None:
    spec = SPEC.replace("[spot, on-demand]", "[on-demand]")
    gcp.answers = {**FINE, **quotas(4.0, 4.0, used=3.0), f"GET {LISTED}/instances": nodes(3)}
    assert preflight(spec).code == 0
    gcp.answers = {**FINE, **quotas(4.0, 4.0, used=3.0)}
    assert preflight(spec).code == 1


def test_further_pages_are_read(gcp: Cloud, preflight: Preflight) -> None:
    def answer(asked: object) -> object:
        query = asked.query  # type: ignore[attr-defined]
        assert query["filter"] == '(name = "g2-standard-8")'
        page = machines("europe-west4-b" if query.get("pageToken") else "europe-west4-a")
        if query.get("pageToken"):
            return page
        return reply({**__import__("json").loads(page.body), "nextPageToken": "more"})

    gcp.answers = {**FINE, f"GET {LISTED}/machineTypes": answer}  # type: ignore[dict-item]
    assert preflight(SPEC).code == 0


def test_zones_of_the_cluster_count_where_the_pool_names_none(gcp: Cloud, preflight: Preflight) -> None:
    gcp.answers = {**FINE, f"GET {LISTED}/machineTypes": machines("europe-west4-a", "europe-west4-b")}
    done = preflight(SPEC.replace("        zones: [europe-west4-a, europe-west4-b]\n", ""))
    assert done.code == 1
    assert "g2-standard-8 is not offered in europe-west4-c" in done.out
