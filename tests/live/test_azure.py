"""Azure: every failure of the table in docs/preflight.md, and what is asked when all is well."""

import sys
from pathlib import Path

import pytest
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import DefaultAzureCredential

from generator.live.answers import Limits, NotAnsweredError
from generator.live.azure import session
from generator.live.azure.account import PERMISSIONS
from generator.live.rest import NotAReadError, Rest
from tests.live.azure_account import (
    BLOBS,
    CASES,
    CLUSTER,
    FINE,
    ID,
    NO_SUBSCRIPTION,
    RESERVED,
    SPEC,
    USAGES,
    cluster,
    error,
    listed,
    usages,
)
from tests.live.cases import Case
from tests.live.conftest import Preflight, played
from tests.live.loopback import Cloud


@pytest.mark.parametrize("case", CASES, ids=str)
def test_failure(
    case: Case, azure: Cloud, preflight: Preflight, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    if case.failure == "no credentials":
        # The real chain, on a machine where no tool is logged in, nor installed.
        monkeypatch.setattr(session, "DefaultAzureCredential", DefaultAzureCredential)
        monkeypatch.setenv("PATH", str(tmp_path))
        monkeypatch.setenv("HOME", str(tmp_path))
    if case.failure == "timeout":
        monkeypatch.setattr("generator.cli.preflight.command._LONGEST_REQUEST_S", 1.5)
    if case.failure == "no network":
        monkeypatch.setattr(session, "MANAGEMENT", "http://127.0.0.1:9")
    if case.failure == "missing extra":
        monkeypatch.setitem(sys.modules, "azure.identity", None)
        monkeypatch.delitem(sys.modules, "generator.live.azure.session")
        monkeypatch.delitem(sys.modules, "generator.live.azure.account", raising=False)
        monkeypatch.delattr("generator.live.azure.session")
    azure.answers = {**FINE, **case.answers}
    played(case, preflight, SPEC)


def test_all_is_well(azure: Cloud, preflight: Preflight) -> None:
    azure.answers = dict(FINE)
    done = preflight(SPEC)
    assert done.code == 0, done.out
    assert f"subscription Acme ({ID}) as ada@acme.example" in done.out
    assert "Succeeded, 1.34.1" in done.out
    assert "100 vCPUs, 0 used; needed 48" in done.out


def test_only_reads_are_called_and_the_permissions_are_all_used(
    azure: Cloud, preflight: Preflight, monkeypatch: pytest.MonkeyPatch
) -> None:
    used, get = set(), Rest.get

    def noted(self: Rest, permission: str, url: str, **query: str) -> object:
        used.add(permission)
        return get(self, permission, url, **query)

    monkeypatch.setattr(Rest, "get", noted)
    azure.answers = dict(FINE)
    [(old, new)] = RESERVED
    preflight(SPEC.replace(old, new.replace("[reserved]", "[reserved, spot]")))
    assert used == set(PERMISSIONS)
    assert {asked.method for asked in azure.asked} == {"GET"}
    assert all("api-version" in asked.query for asked in azure.asked)


def test_nothing_but_a_read_leaves(azure: Cloud) -> None:
    rest, _ = session.sign_in(Limits(20.0, 5.0))
    with pytest.raises(NotAReadError):
        rest._session.delete(f"{azure.url}{CLUSTER}")
    assert azure.asked == []


def test_the_subscription_is_found_where_it_is_not_written(
    azure: Cloud, preflight: Preflight, monkeypatch: pytest.MonkeyPatch
) -> None:
    [(old, new)] = NO_SUBSCRIPTION
    azure.answers = {**FINE, "GET /subscriptions": listed({"subscriptionId": ID})}
    assert preflight(SPEC.replace(old, new)).code == 0
    monkeypatch.setenv("ARM_SUBSCRIPTION_ID", ID)
    azure.answers = dict(FINE)
    assert preflight(SPEC.replace(old, new)).code == 0


def test_nodes_that_run_are_not_counted_twice(azure: Cloud, preflight: Preflight) -> None:
    spec = SPEC.replace("[spot, on-demand]", "[on-demand]")
    azure.answers = {**FINE, f"GET {USAGES}": usages(48.0, 24.0), f"GET {CLUSTER}": cluster(nodes=1)}
    assert preflight(spec).code == 0
    azure.answers = {**FINE, f"GET {USAGES}": usages(48.0, 24.0)}
    done = preflight(spec)
    assert done.code == 1
    assert "Standard NCADSA100v4 Family vCPUs (StandardNCADSA100v4Family)" in done.out


def test_a_missing_container_is_a_missing_state(azure: Cloud, preflight: Preflight) -> None:
    azure.answers = {**FINE, f"GET {BLOBS}/containers/tfstate": error(404, "ContainerNotFound")}
    done = preflight(SPEC)
    assert done.code == 1
    assert "there is no container acmetfstate/tfstate" in done.out


def test_a_login_that_azure_refuses_is_no_missing_login() -> None:
    class Refused:
        def get_token(self, *_: str) -> None:
            raise ClientAuthenticationError("AADSTS700082: The refresh token has expired due to inactivity.")

    with pytest.raises(NotAnsweredError, match="AADSTS700082") as raised:
        session.Token(Refused()).value()
    assert raised.value.kind.id == "GEN502"
