"""A session of Google Cloud: its credentials, and what its errors mean."""

from typing import Any
from urllib.parse import urlencode

import google.auth
from google.auth import exceptions
from google.auth.transport.requests import AuthorizedSession

from generator.core.kinds import live as kinds
from generator.live.answers import Limits, NotAnsweredError
from generator.live.rest import Rest

COMPUTE = "https://compute.googleapis.com/compute/v1"
CONTAINER = "https://container.googleapis.com/v1"
STORAGE = "https://storage.googleapis.com/storage/v1"
SCOPE = "https://www.googleapis.com/auth/cloud-platform"
"""GKE takes no narrower one. What may be done is limited by the roles of whoever asks."""

ERRORS = {
    "SERVICE_DISABLED": kinds.NO_ACCOUNT,
    "accessNotConfigured": kinds.NO_ACCOUNT,
    "rateLimitExceeded": kinds.THROTTLED,
    "userRateLimitExceeded": kinds.THROTTLED,
    "RATE_LIMIT_EXCEEDED": kinds.THROTTLED,
}
_SIGN_IN = "google.auth.default"
_LOGIN = "gcloud auth application-default login"


def sign_in(limits: Limits) -> tuple[Rest, Any]:
    """A reader of Google's interfaces, and the credentials it uses.

    Raises:
        NotAnsweredError: there are no credentials, or they are not accepted.
    """
    try:
        credentials, _ = google.auth.default(scopes=[SCOPE])
    except exceptions.DefaultCredentialsError as error:
        said = str(error)
        raise NotAnsweredError(kinds.NO_CREDENTIALS, _SIGN_IN, "", said, cure=f"`{_LOGIN}`") from error
    session = _Session(credentials, refresh_timeout=limits.request_s)  # type: ignore[no-untyped-call]
    return Rest(session, limits, ERRORS), credentials


class _Session(AuthorizedSession):
    """Says in our words when a token cannot be had."""

    def request(self, *arguments: Any, **options: Any) -> Any:
        try:
            return super().request(*arguments, **options)  # type: ignore[no-untyped-call]
        except exceptions.RefreshError as error:
            raise NotAnsweredError(
                kinds.CREDENTIALS_REFUSED, "token refresh", "", str(error), cure=f"`{_LOGIN}`"
            ) from error
        except exceptions.TransportError as error:
            raise NotAnsweredError(kinds.UNREACHABLE, "token refresh", "", str(error)) from error


def next_page(url: str, **query: str) -> Any:
    """Reads the URL of the next page from a page of Google's."""

    def following(page: dict[str, Any]) -> str:
        token = page.get("nextPageToken")
        return f"{url}?{urlencode({**query, 'pageToken': token})}" if token else ""

    return following
