"""What is the same wherever `requests` carries a question: nothing but reads goes out, and errors come in our words."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import requests
from requests.adapters import HTTPAdapter
from urllib3.util.retry import Retry

from generator.core.finding import Kind
from generator.core.kinds import live as kinds
from generator.live.answers import Limits, NotAnsweredError

CONNECTIONS = 16
"""Kept open to one host; eight questions are asked at once, and some of them ask two things."""
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


class NotAReadError(Exception):
    """A mistake of ours: something other than a read was to be sent."""


class ReadOnly(HTTPAdapter):
    """The last thing before the socket, whatever library asks: it lets nothing out but a GET."""

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        """The answer to a read.

        Raises:
            NotAReadError: it is none, and was not sent.
        """
        if request.method != "GET":
            raise NotAReadError(f"{request.method} {request.url}")
        return super().send(request, *arguments, **options)


class Rest:
    """A session that reads. `errors` maps a cloud's own word for an error to a kind that its status does not tell."""

    def __init__(self, session: requests.Session, limits: Limits, errors: Mapping[str, Kind]) -> None:
        self._session = session
        self._limits = limits
        self._errors = errors
        for scheme in ("https://", "http://"):
            session.mount(scheme, ReadOnly(max_retries=_AGAIN, pool_maxsize=CONNECTIONS))

    def get(self, permission: str, url: str, **query: str) -> dict[str, Any]:
        """The JSON object at a URL. `permission` is what the cloud asks for, and names the operation.

        Raises:
            NotAnsweredError: there is none. MissingError: the cloud says that what is named does not exist.
        """
        with reached(permission):
            answer = self._session.get(url, params=query, timeout=self._limits.request_s)
        body = json_object(answer)
        if body is None:
            raise unexpected(permission, answer)
        if not answer.ok:
            raise self._refusal(permission, answer.status_code, body)
        return body

    def pages(self, permission: str, url: str, key: str, then: Callable[[Any], str], **query: str) -> Iterator[Any]:
        """What stands below `key` of each page. `then` reads from a page the whole URL of the next, or nothing."""
        page = self.get(permission, url, **query)
        yield page.get(key, {})
        while following := then(page):
            page = self.get(permission, following)
            yield page.get(key, {})

    def _refusal(self, permission: str, status: int, body: Mapping[str, Any]) -> NotAnsweredError:
        error = body.get("error", {})
        error = error if isinstance(error, dict) else {"message": str(error)}
        words = [str(error["code"])] if error.get("code") else []
        return refusal(permission, status, words, error.get("message", ""), self._errors)


@contextmanager
def reached(permission: str) -> Iterator[None]:
    """Around one question.

    Raises:
        NotAnsweredError: nothing came back.
    """
    try:
        yield
    except requests.Timeout as error:
        raise NotAnsweredError(kinds.NO_ANSWER_IN_TIME, permission, permission, str(error)) from error
    except requests.RequestException as error:
        raise NotAnsweredError(kinds.UNREACHABLE, permission, permission, str(error)) from error


def refusal(
    permission: str, status: int, words: Iterable[str], message: str, errors: Mapping[str, Kind]
) -> NotAnsweredError:
    """The error for a cloud's refusal. `words` are the cloud's own for its reasons, `errors` as in `Rest`."""
    reasons = tuple(dict.fromkeys(words))
    said = f"{' '.join((str(status), *reasons))}: {message}"
    kind = next((errors[word] for word in reasons if word in errors), None)
    if status == 404 and kind is None:
        return MissingError(kinds.UNEXPECTED_REPLY, permission, permission, said)
    kind = kind or _BY_STATUS.get(status, kinds.UNEXPECTED_REPLY)
    return NotAnsweredError(kind, message or said if kind is kinds.NO_ACCOUNT else permission, permission, said)


def unexpected(permission: str, answer: requests.Response) -> NotAnsweredError:
    """The error for what does not come from the cloud, as the login page of a proxy."""
    said = f"HTTP {answer.status_code} with {answer.headers.get('content-type', 'no type')}: {answer.text}"
    return NotAnsweredError(kinds.UNEXPECTED_REPLY, permission, permission, said)


def json_object(answer: requests.Response) -> dict[str, Any] | None:
    """What an answer says; None where it is not a JSON object."""
    try:
        value = answer.json()
    except ValueError:
        return None
    return value if isinstance(value, dict) else None
