"""Authorities that containers trust: where a target finds them, and where every container sees them."""

from typing import Literal

from generator.core.frozen import frozen

CA_FOLDER = "/etc/fleet-ca"
CA_NAME = "ca.pem"
CA_FILE = f"{CA_FOLDER}/{CA_NAME}"
"""The same place in every container, so that variables and configurations can name it."""


@frozen
class AuthoritiesPlan:
    """A PEM file: `ref` is its path on a docker host, or the name of the object that has it under `key`."""

    kind: Literal["file", "configMap", "secret"]
    ref: str
    key: str = ""
