"""A session of Azure: its credentials, and what its errors mean."""

import base64
import binascii
import json
import logging
from typing import Any

import requests
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CredentialUnavailableError, DefaultAzureCredential
from requests.auth import AuthBase

from generator.core.kinds import live as kinds
from generator.live.answers import Limits, NotAnsweredError
from generator.live.rest import Rest

MANAGEMENT = "https://management.azure.com"
SCOPE = f"{MANAGEMENT}/.default"
ERRORS = {
    "AuthorizationFailed": kinds.DENIED,
    "ExpiredAuthenticationToken": kinds.CREDENTIALS_REFUSED,
    "InvalidAuthenticationToken": kinds.CREDENTIALS_REFUSED,
    "OperationNotAllowed": kinds.DENIED,
    "SubscriptionRequestsThrottled": kinds.THROTTLED,
    "TooManyRequests": kinds.THROTTLED,
}
_LOGIN = "`az login`, or set AZURE_TENANT_ID, AZURE_CLIENT_ID and AZURE_CLIENT_SECRET"


class Token(AuthBase):
    """Puts the token of the credential on each request."""

    def __init__(self, credential: Any) -> None:
        self._credential = credential

    def value(self) -> str:
        """The token.

        Raises:
            NotAnsweredError: there are no credentials, or they are not accepted.
        """
        try:
            return str(self._credential.get_token(SCOPE).token)
        except CredentialUnavailableError as error:
            raise NotAnsweredError(kinds.NO_CREDENTIALS, "azure.identity", "", error.message, cure=_LOGIN) from error
        except ClientAuthenticationError as error:
            # The chain says this too when none of its members had anything to try.
            unused = "failed to retrieve a token from the included credentials" in error.message
            refused = "AADSTS" in error.message or not unused
            kind = kinds.CREDENTIALS_REFUSED if refused else kinds.NO_CREDENTIALS
            raise NotAnsweredError(kind, "azure.identity", "", error.message, cure=_LOGIN) from error

    def who(self) -> str:
        """Who the token is for, as it says itself; it is not verified here, Azure does that."""
        try:
            body = self.value().split(".")[1]
            claims = json.loads(base64.urlsafe_b64decode(body + "=" * (-len(body) % 4)))
        except (IndexError, ValueError, binascii.Error):
            return ""
        return str(claims.get("upn") or claims.get("appid") or claims.get("oid") or "")

    def __call__(self, request: Any) -> Any:
        """The request with its header."""
        request.headers["Authorization"] = f"Bearer {self.value()}"
        return request


def sign_in(limits: Limits) -> tuple[Rest, Token]:
    """A reader of the Resource Manager, and the token it uses."""
    # The library tells on stderr what a finding tells with its place and cure.
    logging.getLogger("azure").addHandler(logging.NullHandler())
    seconds = max(1, int(limits.request_s))
    token = Token(
        DefaultAzureCredential(
            exclude_interactive_browser_credential=True,
            process_timeout=seconds,
            connection_timeout=seconds,
            read_timeout=seconds,
            retry_total=1,
        )
    )
    session = requests.Session()
    session.auth = token
    return Rest(session, limits, ERRORS), token


def next_page(page: dict[str, Any]) -> str:
    """The URL of the next page."""
    return str(page.get("nextLink") or "")
