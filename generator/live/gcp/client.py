"""Google's own clients over one session that only reads, and what their errors mean."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar
from urllib.parse import quote

import google.auth
import requests
from google.api_core import exceptions
from google.api_core.retry import Retry, if_exception_type
from google.auth import exceptions as sign_in_exceptions
from google.auth.transport.requests import AuthorizedSession
from google.cloud.compute_v1 import (
    AcceleratorTypesClient,
    InstancesClient,
    MachineTypesClient,
    ProjectsClient,
    RegionsClient,
    ReservationsClient,
)
from google.cloud.container_v1 import ClusterManagerClient
from google.protobuf.json_format import ParseError

from generator.core.kinds import live as kinds
from generator.live.answers import Limits, NotAnsweredError
from generator.live.rest import CONNECTIONS, MissingError, ReadOnly, json_object, reached, refusal, unexpected

COMPUTE = "https://compute.googleapis.com"
CONTAINER = "https://container.googleapis.com"
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
# The clients' own way goes on for ten minutes, and the whole run has one.
_AGAIN = Retry(
    predicate=if_exception_type(exceptions.TooManyRequests, exceptions.BadGateway, exceptions.ServiceUnavailable),
    initial=0.2,
    maximum=1.0,
    multiplier=2.0,
    timeout=2.0,
)
_SIGN_IN = "google.auth.default"
_LOGIN = "gcloud auth application-default login"

Client = TypeVar("Client")
Answer = TypeVar("Answer")
Listed = TypeVar("Listed")


def sign_in(limits: Limits) -> "Google":
    """Google's clients, with the application default credentials of this machine.

    Raises:
        NotAnsweredError: there are no credentials.
    """
    try:
        credentials, _ = google.auth.default(scopes=[SCOPE])
        return Google(credentials, limits)
    except sign_in_exceptions.DefaultCredentialsError as error:
        raise NotAnsweredError(kinds.NO_CREDENTIALS, _SIGN_IN, "", str(error), cure=f"`{_LOGIN}`") from error
    except sign_in_exceptions.MutualTLSChannelError as error:
        cure = "correct the variable, or unset it"
        raise NotAnsweredError(kinds.NO_CREDENTIALS, "client certificate", "", str(error), cure=cure) from error


class Google:
    """The clients that are asked. `who` is the account of a service, `project` its own; both are empty for a person."""

    def __init__(self, credentials: Any, limits: Limits) -> None:
        self.who = str(getattr(credentials, "service_account_email", "") or "")
        self.project = str(getattr(credentials, "project_id", "") or "")
        self._limits = limits
        self._credentials = credentials
        self._adapter = _OnlyGoogles(pool_maxsize=CONNECTIONS)
        self._session = self._guarded(AuthorizedSession(credentials))  # type: ignore[no-untyped-call]
        self.accelerator_types = self._client(AcceleratorTypesClient, COMPUTE)
        self.clusters = self._client(ClusterManagerClient, CONTAINER)
        self.instances = self._client(InstancesClient, COMPUTE)
        self.machine_types = self._client(MachineTypesClient, COMPUTE)
        self.projects = self._client(ProjectsClient, COMPUTE)
        self.regions = self._client(RegionsClient, COMPUTE)
        self.reservations = self._client(ReservationsClient, COMPUTE)

    def _client(self, client: type[Client], endpoint: str) -> Client:
        factory: Any = client  # the clients are alike and share no base
        transport = factory.get_transport_class("rest")(host=endpoint, credentials=self._credentials)
        self._guarded(transport._session)  # noqa: SLF001 - no option takes a session or its adapter
        made: Client = factory(transport=transport)
        return made

    def _guarded(self, session: AuthorizedSession) -> AuthorizedSession:
        for scheme in ("https://", "http://"):
            session.mount(scheme, self._adapter)
        return session

    def get(self, permission: str, method: Callable[..., Answer], request: object) -> Answer:
        """What a method of a client answers. `permission` is what Google asks for, and names the operation.

        Raises:
            NotAnsweredError: there is no answer. MissingError: Google says that what is named does not exist.
        """
        with _translated(permission):
            return method(request, retry=_AGAIN, timeout=self._limits.request_s)

    def zones(
        self, permission: str, method: Callable[..., Iterable[tuple[str, Listed]]], request: object
    ) -> Iterator[tuple[str, Listed]]:
        """What an aggregated list has of each zone, page by page; a zone may come again on a later page.

        Raises:
            NotAnsweredError: there is no answer.
        """
        with _translated(permission):
            for place, listed in method(request, retry=_AGAIN, timeout=self._limits.request_s):
                yield place.removeprefix("zones/"), listed

    def bucket(self, name: str) -> dict[str, Any]:
        """A bucket as Cloud Storage's JSON interface describes it (docs/adr/0012 has why not by a client).

        Raises:
            NotAnsweredError: there is no answer. MissingError: there is no such bucket.
        """
        with _translated("storage.buckets.get"):
            return _AGAIN(self._read)(f"{STORAGE}/b/{quote(name, safe='')}")

    def _read(self, url: str) -> dict[str, Any]:
        answer = self._session.get(url, timeout=self._limits.request_s)
        if not answer.ok:
            raise exceptions.from_http_response(answer)  # type: ignore[no-untyped-call]
        bucket: dict[str, Any] = answer.json()
        return bucket


class _OnlyGoogles(ReadOnly):
    """Says when it was not Google that answered."""

    def send(self, request: requests.PreparedRequest, *arguments: Any, **options: Any) -> requests.Response:
        answer = super().send(request, *arguments, **options)
        if not (answer.is_redirect or _is_googles(answer)):
            raise exceptions.from_http_status(  # type: ignore[no-untyped-call]
                answer.status_code, answer.text, response=answer
            )
        return answer


def _is_googles(answer: requests.Response) -> bool:
    """Whether an answer has Google's form: an object, and an error in it when it is a refusal."""
    body = json_object(answer)
    return body is not None and (answer.ok or isinstance(body.get("error"), dict))


@contextmanager
def _translated(permission: str) -> Iterator[None]:
    """Turns the clients' errors into ours."""
    try:
        with reached(permission):
            yield
    except sign_in_exceptions.TransportError as error:
        raise NotAnsweredError(kinds.UNREACHABLE, "token refresh", "", str(error)) from error
    except sign_in_exceptions.GoogleAuthError as error:
        raise NotAnsweredError(
            kinds.CREDENTIALS_REFUSED, "token refresh", "", str(error), cure=f"`{_LOGIN}`"
        ) from error
    except exceptions.RetryError as error:
        raise _refusal(permission, error.cause) from error
    except exceptions.GoogleAPICallError as error:
        raise _refusal(permission, error) from error
    except ParseError as error:
        raise NotAnsweredError(kinds.UNEXPECTED_REPLY, permission, permission, str(error)) from error
    except ValueError as error:  # a name that fits into no URL, as one with a slash, is not even asked for
        raise MissingError(kinds.UNEXPECTED_REPLY, permission, permission, str(error)) from error


def _refusal(permission: str, error: Any) -> NotAnsweredError:
    answer: requests.Response = error.response
    if not _is_googles(answer):
        return unexpected(permission, answer)
    reasons = [*(str(row["reason"]) for row in error.errors if row.get("reason")), *filter(None, [error.reason])]
    # The client puts verb and URL before the message; a finding names the operation.
    message = error.message.removeprefix(f"{answer.request.method} {answer.request.url}: ")
    return refusal(permission, answer.status_code, reasons, message, ERRORS)
