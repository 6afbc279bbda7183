"""Reads JSON over HTTPS for the clouds whose own libraries would only wrap a GET: never anything but a GET."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from generator.core.finding import Kind
from generator.core.kinds import live as kinds
from generator.live.answers import Limits, NotAnsweredError

_AGAIN = Retry(
    total=2,
    connect=0,
    read=False,  # as it is: a timeout that was retried is no timeout for requests any more
    status_forcelist=(429, 502, 503),
    backoff_factor=0.2,
    raise_on_status=False,
    respect_retry_after_header=False,  # a cloud may ask for minutes, and the whole run has one
)
_BY_STATUS = {401: kinds.CREDENTIALS_REFUSED, 403: kinds.DENIED, 429: kinds.THROTTLED}


class MissingError(NotAnsweredError):
    """The cloud says that what was named does not exist."""


class Rest:
    """A session that reads. `errors` maps a cloud's own word for an error to a kind that its status does not tell."""

    def __init__(self, session: requests.Session, limits: Limits, errors: Mapping[str, Kind]) -> None:
        self._session = session
        self._limits = limits
        self._errors = errors
        for scheme in ("https://", "http://"):
            session.mount(scheme, HTTPAdapter(max_retries=_AGAIN, pool_maxsize=16))

    def get(self, permission: str, url: str, **query: str) -> dict[str, Any]:
        """The JSON object at a URL. `permission` is what the cloud asks for, and names the operation.

        Raises:
            NotAnsweredError: there is none. MissingError: the cloud says that what is named does not exist.
        """
        try:
            answer = self._session.get(url, params=query, timeout=self._limits.request_s)
        except requests.Timeout as error:
            raise NotAnsweredError(kinds.NO_ANSWER_IN_TIME, permission, permission, str(error)) from error
        except requests.RequestException as error:
            raise NotAnsweredError(kinds.UNREACHABLE, permission, permission, str(error)) from error
        body = _json(answer)
        if answer.ok and body is not None:
            return body
        raise self._refusal(permission, answer, body)

    def pages(self, permission: str, url: str, key: str, then: Callable[[Any], str], **query: str) -> Iterator[Any]:
        """What stands below `key` of each page. `then` reads from a page the whole URL of the next, or nothing."""
        page = self.get(permission, url, **query)
        yield page.get(key, {})
        while following := then(page):
            page = self.get(permission, following)
            yield page.get(key, {})

    def _refusal(self, permission: str, answer: requests.Response, body: dict[str, Any] | None) -> NotAnsweredError:
        if body is None:
            said = f"HTTP {answer.status_code} with {answer.headers.get('content-type', 'no type')}: {answer.text}"
            return NotAnsweredError(kinds.UNEXPECTED_REPLY, permission, permission, said)
        error = body.get("error", {})
        error = error if isinstance(error, dict) else {"message": str(error)}
        words = _words(error)
        said = f"{' '.join((str(answer.status_code), *words))}: {error.get('message', '')}"
        kind = next((self._errors[word] for word in words if word in self._errors), None)
        if answer.status_code == 404 and kind is None:
            return MissingError(kinds.UNEXPECTED_REPLY, permission, permission, said)
        kind = kind or _BY_STATUS.get(answer.status_code, kinds.UNEXPECTED_REPLY)
        operation = error.get("message", said) if kind is kinds.NO_ACCOUNT else permission
        return NotAnsweredError(kind, operation, permission, said)


def _json(answer: requests.Response) -> dict[str, Any] | None:
    try:
        found = answer.json()
    except ValueError:
        return None
    return found if isinstance(found, dict) else None


def _words(error: Mapping[str, Any]) -> tuple[str, ...]:
    """The cloud's words for an error: Google's reasons, or the code of Azure."""
    listed = [item.get("reason") for item in (*error.get("errors", ()), *error.get("details", ()))]
    code = error.get("code")
    return tuple(dict.fromkeys(str(word) for word in (*listed, code if isinstance(code, str) else None) if word))
