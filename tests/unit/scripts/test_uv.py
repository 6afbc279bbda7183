"""uv asks the indexes that pip is configured with."""

import pytest

from scripts.install import uv

LISTED = """\
:env:.find-links='/wheels /more'
:env:.index-url='https://env.example/simple'
global.cert='/etc/ca.pem'
global.extra-index-url='https://one.example\\nhttps://two.example'
global.index-url='https://file.example/simple'
install.timeout='30'
list.format='columns'
global.no-color='true'
"""


def test_the_settings_of_pip_become_those_of_uv() -> None:
    assert uv.translated(LISTED) == {
        "SSL_CERT_FILE": "/etc/ca.pem",
        "UV_DEFAULT_INDEX": "https://env.example/simple",
        "UV_FIND_LINKS": "/wheels,/more",
        "UV_HTTP_TIMEOUT": "30",
        "UV_INDEX": "https://one.example https://two.example",
    }
    assert uv.translated("") == {}


def test_what_uv_was_told_itself_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PIP_INDEX_URL", "https://pip.example/simple")
    monkeypatch.setenv("UV_INDEX_STRATEGY", "first-index")
    found = uv.environment.__wrapped__()
    assert (found["UV_DEFAULT_INDEX"], found["UV_INDEX_STRATEGY"]) == ("https://pip.example/simple", "first-index")
    monkeypatch.setenv("UV_DEFAULT_INDEX", "https://uv.example/simple")
    assert uv.environment.__wrapped__()["UV_DEFAULT_INDEX"] == "https://uv.example/simple"
