"""Terraform's ways with an AWS account that moto plays on the loopback, and what of the second plan is moto's doing.

moto is no AWS: what it keeps or adds wrongly stands in `ARTEFACTS`, and a second plan may differ in nothing else.
"""

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from tests.consumers.patience import PATIENCE_S
from tests.consumers.roots import Folder
from tests.consumers.tools import tool

ACCOUNT = Path(__file__).with_name("moto_account.py")
UNKNOWN = "known after apply"

# The account is made up, and calls that go anywhere but to the loopback end at a port where nobody listens.
OVERRIDE = """provider "aws" {
  skip_credentials_validation = true
  skip_metadata_api_check     = true
  skip_requesting_account_id  = true
  http_proxy                  = "http://127.0.0.1:9"
  https_proxy                 = "http://127.0.0.1:9"
}
"""

RENEWED = "AWS gives it anew to the node group that replaces the one with remote_access"
TAGGED = "the tag follows the autoscaling group of the node group that is replaced"
VERSIONED = "the launch template gets another version for its tag_specifications"
ARTEFACTS: dict[str, dict[str, str]] = {
    "aws_eks_node_group": {
        "remote_access": "moto gives each node group an SSH key that nobody asked for; it cannot be changed in place",
        "update_config": "moto keeps no update_config",
        "launch_template": "name and version: " + VERSIONED,
        "node_repair_config": "moto answers without it, and the provider leaves it to AWS in the new node group",
        "disk_size": "moto answers 20 GiB where AWS answers nothing; " + RENEWED,
        **dict.fromkeys(("arn", "id", "node_group_name", "release_version", "resources", "status", "version"), RENEWED),
    },
    "aws_launch_template": {
        "tag_specifications": "moto takes the template's own tags for one more entry",
        "default_version": VERSIONED,
        "latest_version": VERSIONED,
    },
    "aws_autoscaling_group_tag": {"autoscaling_group_name": TAGGED, "id": TAGGED},
}
"""The cause of each attribute that differs in the second plan, by the type of its resource."""

REPLACED_FOR = {"aws_eks_node_group": {"remote_access"}, "aws_autoscaling_group_tag": {"autoscaling_group_name"}}
"""The attributes that may force a replacement, by the type of the resource."""

KNOWN = {
    "remote_access": ([{"ec2_ssh_key": "eksKeypair", "source_security_group_ids": []}], []),
    "update_config": ([], [{"max_unavailable": 1, "max_unavailable_percentage": None}]),
}
"""What an artefact looks like before and after; one that is not here is not known before the apply."""


def differences(plan: dict[str, Any]) -> list[str]:
    """What a plan changes beyond the artefacts, one line each."""
    return [line for change in plan["resource_changes"] for line in _differences(change)]


def _differences(resource: dict[str, Any]) -> Iterator[str]:
    kind, change = resource["type"], resource["change"]
    if change["actions"] in (["no-op"], ["read"]):
        return
    if not (change["before"] and change["after"]):
        yield f"{resource['address']}: {change['actions']}"
        return
    forced = {path[0] for path in change.get("replace_paths", [])} - REPLACED_FOR.get(kind, set())
    yield from (f"{resource['address']}: replaced for {name}" for name in sorted(forced))
    for name in sorted(change["before"]):
        before, after = change["before"][name], change["after"].get(name, UNKNOWN)
        known = name in ARTEFACTS.get(kind, {})
        if before != after and not (known and _is_artefact(name, before, after, change["before"].get("tags"))):
            yield f"{resource['address']}: {name}: {before} -> {after}"


def seen(plan: dict[str, Any]) -> set[tuple[str, str]]:
    """The attributes that differ, each with the type of its resource; an artefact that is not among them is gone."""
    changes = [(item["type"], item["change"]) for item in plan["resource_changes"] if item["mode"] == "managed"]
    return {
        (kind, name)
        for kind, change in changes
        for name, value in change["before"].items()
        if value != change["after"].get(name, UNKNOWN)
    }


def _is_artefact(name: str, before: Any, after: Any, tags: Any) -> bool:
    if name == "tag_specifications":
        return bool(before == [*after, {"resource_type": "launch-template", "tags": tags}])
    if name == "launch_template":
        return [item["id"] for item in before] == [item["id"] for item in after]
    return bool((before, after) == KNOWN[name] if name in KNOWN else after == UNKNOWN)


@contextmanager
def account(place: Path, left: dict[str, list[str]]) -> Iterator[dict[str, Any]]:
    """A made-up account with an EKS cluster; what is in it at the end is written to `left`."""
    with (place / "moto.log").open("w") as log:
        server = subprocess.Popen(
            [tool("moto"), ACCOUNT], stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=log, text=True
        )
    try:
        assert server.stdout
        first = server.stdout.readline()
        assert first, (place / "moto.log").read_text()[-4000:]
        yield json.loads(first)
        left.update(json.loads(server.communicate(timeout=PATIENCE_S)[0]))
    finally:
        server.kill()
        server.wait()


@dataclass(frozen=True)
class Applied:
    """What came of `apply`, a second `plan` and `destroy`: `made` is the account's word before the second plan.

    `made` goes by address; `destroyed` are the addresses with the events of their removal, in their order. `before` and
    `left` are what is in the account by itself, and what is left there.
    """

    made: dict[str, dict[str, Any]]
    second: dict[str, Any]
    destroyed: list[tuple[str, str]]
    state: str
    before: dict[str, Any]
    left: dict[str, list[str]]


def applied(root: Path, place: Path, settings: dict[str, str], override: str = "", then: Path | None = None) -> Applied:
    """Apply, plan again and destroy a root, in an account of its own. `override` is HCL that the root is run with.

    `then` is a root that takes its place before the second plan, with its state.
    """
    left: dict[str, list[str]] = {}
    with account(place, left) as before:
        credentials = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test", "AWS_MAX_ATTEMPTS": "2"}
        mine = {name: value for name, value in settings.items() if not name.startswith("AWS_")}
        environment = {**mine, **credentials, "AWS_ENDPOINT_URL": before["endpoint"], "AWS_CONFIG_FILE": os.devnull}
        folder = _ready(root, place / "first", environment, override)
        folder.run("apply", "-auto-approve", "-input=false", "-no-color")
        if then:
            state = folder.root / "terraform.tfstate"
            folder = _ready(then, place / "then", environment, override)
            shutil.copy(state, folder.root)
        folder.run("plan", "-out=second", "-input=false", "-no-color")
        second = json.loads(folder.run("show", "-json", "second"))
        told = folder.run("destroy", "-auto-approve", "-input=false", "-json", "-refresh=false")
        state = folder.run("state", "list")
    return Applied(_made(second), second, _destroyed(told), state, before, left)


def _ready(root: Path, place: Path, environment: dict[str, str], override: str) -> Folder:
    folder = Folder(root, place, environment)
    (folder.root / "moto_override.tf").write_text(OVERRIDE + override)
    folder.init(backend=True)
    return folder


def _made(plan: dict[str, Any]) -> dict[str, dict[str, Any]]:
    modules = plan["prior_state"]["values"]["root_module"]["child_modules"]
    resources = [item for module in modules for item in module["resources"]]
    return {item["address"]: item["values"] for item in resources if item["mode"] == "managed"}


def _destroyed(told: str) -> list[tuple[str, str]]:
    lines = [json.loads(line) for line in told.splitlines()]
    events = [line for line in lines if line["type"] in ("apply_start", "apply_complete")]
    return [(line["type"], line["hook"]["resource"]["addr"]) for line in events]
