"""Hosts that lead back to whoever calls them, in every form that a resolver reads."""

import pytest

from generator.validate.rules.addresses import _is_itself


@pytest.mark.parametrize(
    "host", ["127.1", "2130706433", "0x7f.1", "0x7f000001", "0177.0.0.1", "127.0.1", "0", "::1", "localhost"]
)
def test_a_form_of_loopback(host: str) -> None:
    assert _is_itself(host)


@pytest.mark.parametrize(
    "host", ["10.1", "128.1", "1.2.3.4.5", "08.1", "0x.1", "4294967296", "example.com", "127.example", ""]
)
def test_another_host(host: str) -> None:
    assert not _is_itself(host)
