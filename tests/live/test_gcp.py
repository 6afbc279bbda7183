"""Google Cloud: every failure of the table in docs/preflight.md, and what is asked when all is well."""

import json
import sys
import time
from collections.abc import Callable
from typing import Any

import pytest
from google.auth.exceptions import MalformedError, RefreshError, TransportError
from requests.exceptions import InvalidProxyURL

from generator.live.answers import Limits, NotAnsweredError
from generator.live.gcp import client
from generator.live.gcp.account import PERMISSIONS
from generator.live.gcp.client import Google
from generator.live.rest import MissingError, NotAReadError, ReadOnly
from tests.live.cases import Case
from tests.live.conftest import Preflight, played
from tests.live.gcp_account import (
    CASES,
    CLUSTER,
    FINE,
    LISTED,
    REGION,
    RESERVED,
    SPEC,
    cards,
    cluster,
    error,
    machines,
    nodes,
    quotas,
)
from tests.live.loopback import Answer, Asked, Cloud, Reply, reply

LIMITS = Limits(20.0, 5.0)
WRITES: dict[str, Callable[[Google], Any]] = {
    "a POST of Compute Engine": lambda google: google.instances.insert(project="acme", zone="z"),
    "a PUT of Compute Engine": lambda google: google.instances.update(project="acme", zone="z", instance="i"),
    "a PATCH of Compute Engine": lambda google: google.reservations.update(project="acme", zone="z", reservation="r"),
    "a DELETE of Compute Engine": lambda google: google.instances.delete(project="acme", zone="z", instance="i"),
    "a POST of GKE": lambda google: google.clusters.create_cluster(parent="projects/acme/locations/z"),
    "a DELETE of GKE": lambda google: google.clusters.delete_cluster(name="projects/acme/locations/z/clusters/c"),
    "a DELETE of Cloud Storage": lambda google: google._session.delete(f"{client.STORAGE}/b/acme-tfstate"),
}


def then(*replies: Reply) -> tuple[Answer, list[Asked]]:
    """One reply after the other, the last one for ever, and what was asked."""
    asked: list[Asked] = []

    def answer(question: Asked) -> Reply:
        asked.append(question)
        return replies[min(len(asked), len(replies)) - 1]

    return answer, asked


@pytest.fixture
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asks again for as long as a busy machine may need."""
    monkeypatch.setattr(client, "_AGAIN", client._AGAIN.with_timeout(60.0))


@pytest.mark.parametrize("case", CASES, ids=str)
def test_failure(case: Case, gcp: Cloud, preflight: Preflight, monkeypatch: pytest.MonkeyPatch) -> None:
    if case.failure == "no credentials":
        monkeypatch.delenv("GOOGLE_APPLICATION_CREDENTIALS")
    if case.failure == "timeout":
        monkeypatch.setattr("generator.cli.preflight.command._LONGEST_REQUEST_S", 1.5)
    if case.failure == "no network":
        monkeypatch.setattr(client, "COMPUTE", "http://127.0.0.1:9")
    if case.failure == "missing extra":
        monkeypatch.setitem(sys.modules, "google.cloud.compute_v1", None)
        monkeypatch.delitem(sys.modules, "generator.live.gcp.client")
        monkeypatch.delitem(sys.modules, "generator.live.gcp.account", raising=False)
        monkeypatch.delattr("generator.live.gcp.client")
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
    used, translated = set(), client._translated

    def noted(permission: str) -> Any:
        used.add(permission)
        return translated(permission)

    monkeypatch.setattr(client, "_translated", noted)
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


@pytest.mark.usefixtures("patient")
def test_further_pages_are_read(gcp: Cloud, preflight: Preflight) -> None:
    first = json.loads(machines("europe-west4-a").body)
    pages, asked = then(reply({**first, "nextPageToken": "more"}), error(503, ""), machines("europe-west4-b"))
    gcp.answers = {**FINE, f"GET {LISTED}/machineTypes": pages}
    assert preflight(SPEC).code == 0
    assert [question.query.get("pageToken") for question in asked] == [None, "more", "more"]
    assert {question.query["filter"] for question in asked} == {'(name = "g2-standard-8")'}


def test_a_zone_may_come_again_on_a_later_page(gcp: Cloud, preflight: Preflight) -> None:
    wanted = json.loads(cards("europe-west4-a", "europe-west4-b").body)
    others = json.loads(cards("europe-west4-a", "europe-west4-b").body.replace(b"nvidia-l4", b"nvidia-tesla-t4"))
    pages, asked = then(reply({**wanted, "nextPageToken": "more"}), reply(others))
    gcp.answers = {**FINE, f"GET {LISTED}/acceleratorTypes": pages}
    assert preflight(SPEC).code == 0
    assert len(asked) == 2


def test_zones_of_the_cluster_count_where_the_pool_names_none(gcp: Cloud, preflight: Preflight) -> None:
    gcp.answers = {**FINE, f"GET {LISTED}/machineTypes": machines("europe-west4-a", "europe-west4-b")}
    done = preflight(SPEC.replace("        zones: [europe-west4-a, europe-west4-b]\n", ""))
    assert done.code == 1
    assert "g2-standard-8 is not offered in europe-west4-c" in done.out


@pytest.mark.parametrize("write", WRITES.values(), ids=WRITES)
def test_nothing_but_a_read_leaves(gcp: Cloud, write: Callable[[Google], Any]) -> None:
    gcp.answers = dict(FINE)
    with pytest.raises(NotAReadError):
        write(client.sign_in(LIMITS))
    assert [asked.operation for asked in gcp.asked if asked.path != "/token"] == []


def test_every_client_is_guarded(gcp: Cloud) -> None:
    clients = [made for made in vars(client.sign_in(LIMITS)).values() if hasattr(made, "transport")]
    assert len(clients) == 7
    for made in clients:
        assert {type(adapter).__mro__[1] for adapter in made.transport._session.adapters.values()} == {ReadOnly}


@pytest.mark.usefixtures("patient")
@pytest.mark.parametrize("status", [429, 502, 503])
@pytest.mark.parametrize("asking", [f"GET {REGION}", f"GET {CLUSTER}", "GET /storage/v1/b/acme-tfstate"])
def test_what_passes_is_asked_again(gcp: Cloud, preflight: Preflight, status: int, asking: str) -> None:
    fine = FINE[asking]
    assert isinstance(fine, Reply)
    answer, asked = then(Reply(status, b"<html>later</html>", "text/html"), error(status, ""), fine)
    gcp.answers = {**FINE, asking: answer}
    assert preflight(SPEC).code == 0
    assert len(asked) == 3


@pytest.mark.parametrize(("status", "id_"), [(429, "GEN504"), (503, "GEN508")])
def test_what_does_not_pass_ends_in_time(gcp: Cloud, preflight: Preflight, status: int, id_: str) -> None:
    answer, asked = then(error(status, "", errors="busy"))
    gcp.answers = {**FINE, f"GET {CLUSTER}": answer}
    done = preflight(SPEC)
    assert done.code == 4
    assert id_ in done.out, "it would be GEN505 if the client went on for minutes, as is its own way"
    assert len(asked) < 20
    assert f"{status} busy: told by the test" in done.out, "what Google said last, without verb and URL"


def test_what_is_broken_is_not_asked_again(gcp: Cloud, preflight: Preflight) -> None:
    answer, asked = then(error(500, "INTERNAL"))
    gcp.answers = {**FINE, f"GET {CLUSTER}": answer}
    assert "GEN508" in preflight(SPEC).out
    assert len(asked) == 1


@pytest.mark.parametrize("dribbling", [f"GET {LISTED}/machineTypes", f"GET {CLUSTER}", "POST /token"])
def test_a_server_that_dribbles_does_not_hold_the_run(gcp: Cloud, preflight: Preflight, dribbling: str) -> None:
    gcp.answers = dict(FINE)
    gcp.dribbles = {dribbling}
    started = time.monotonic()
    done = preflight(SPEC, "--timeout", "4")
    assert time.monotonic() - started < 30, "the server would go on for a day"
    assert done.code == 4
    assert "GEN505" in done.out
    assert "within the 4 s of the run" in done.out


@pytest.mark.parametrize(
    "strange",
    [
        Reply(200, b"<html>please log in</html>", "text/html"),
        Reply(407, b"<html>please log in</html>", "text/html"),
        Reply(404, b"please log in", "text/plain"),
        reply(["please log in"]),
        reply({"error": "please log in"}, 403),
        reply({"items": "please log in"}),
    ],
    ids=["page", "refusing page", "missing page", "list", "another form of refusal", "another form"],
)
def test_what_is_not_googles_is_told(gcp: Cloud, preflight: Preflight, strange: Reply) -> None:
    gcp.answers = {**FINE, f"GET {LISTED}/machineTypes": strange}
    done = preflight(SPEC)
    assert done.code == 4
    assert "GEN508" in done.out
    assert "please log in" in done.out


@pytest.mark.parametrize(
    ("change", "id_"),
    [
        (("project: acme", "project: acme/west"), "GEN510"),
        (("existing: platform-euw4", "existing: platform/euw4"), "GEN512"),
        (("bucket: acme-tfstate", "bucket: acme/../tfstate"), "GEN550"),
    ],
    ids=["project", "cluster", "bucket"],
)
def test_a_name_that_cannot_be_one_is_not_there(
    gcp: Cloud, preflight: Preflight, change: tuple[str, str], id_: str
) -> None:
    gcp.answers = dict(FINE)
    done = preflight(SPEC.replace(*change))
    assert done.code == 1
    assert id_ in done.out


@pytest.mark.parametrize(
    ("raised", "id_"),
    [
        (InvalidProxyURL("no host"), "GEN506"),
        (TransportError("no way"), "GEN506"),
        (MalformedError("no key"), "GEN502"),
        (RefreshError("expired"), "GEN502"),
    ],
    ids=lambda value: type(value).__name__,
)
def test_no_way_and_no_token_are_never_taken_for_missing(raised: Exception, id_: str) -> None:
    with pytest.raises(NotAnsweredError) as told, client._translated("compute.projects.get"):
        raise raised
    assert told.value.kind.id == id_
    assert not isinstance(told.value, MissingError)


def test_a_state_that_the_client_does_not_know_is_told(gcp: Cloud, preflight: Preflight) -> None:
    gcp.answers = {**FINE, f"GET {CLUSTER}": cluster(77)}
    with pytest.warns(UserWarning, match="77"):
        done = preflight(SPEC)
    assert done.code == 1
    assert "its state is 77" in preflight(SPEC, "-o", "json").out


def test_a_setting_that_the_client_refuses_is_told(
    gcp: Cloud, preflight: Preflight, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GOOGLE_API_USE_MTLS_ENDPOINT", "perhaps")
    gcp.answers = dict(FINE)
    done = preflight(SPEC)
    assert done.code == 4
    assert "GOOGLE_API_USE_MTLS_ENDPOINT" in done.out
