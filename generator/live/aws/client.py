"""One AWS session: its clients, and what their errors mean."""

import threading
from collections.abc import Iterator
from functools import cache
from typing import Any

import boto3
from botocore import exceptions
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError
from botocore.parsers import ResponseParserError

from generator import __version__
from generator.core.finding import Kind
from generator.core.kinds import live as kinds
from generator.live.answers import Limits, NotAnsweredError

HOME = {"aws": "us-east-1", "aws-cn": "cn-north-1", "aws-us-gov": "us-gov-west-1"}
"""A region of each partition that every account has."""

OPERATIONS = {
    "cloudwatch:GetMetricStatistics": "what is used of a quota",
    "ec2:DescribeCapacityReservations": "the reservation",
    "ec2:DescribeInstanceTypeOfferings": "the zones that offer a type",
    "ec2:DescribeInstanceTypes": "the vCPUs of a type",
    "ec2:DescribeInstances": "nodes that the cluster has already",
    "ec2:DescribeRegions": "whether the region is open",
    "ec2:DescribeSubnets": "the zones of the nodes",
    "eks:DescribeCluster": "the cluster",
    "s3:GetBucketVersioning": "whether the state keeps versions",
    "s3:ListAllMyBuckets": "whether a bucket that refuses is the account's own",
    "s3:ListBucket": "the bucket of the state",
    "servicequotas:GetAWSDefaultServiceQuota": "a quota that was never changed",
    "servicequotas:GetServiceQuota": "a quota",
    "sts:GetCallerIdentity": "who asks (needs no permission)",
}
"""Every permission that a preflight uses, and what for. docs/preflight.md has the policy with exactly these."""

_PERMISSIONS = {"s3:HeadBucket": "s3:ListBucket", "s3:ListBuckets": "s3:ListAllMyBuckets"}
_SERVICES = {"service-quotas": "servicequotas"}
_REFUSED = frozenset({
    "AuthFailure", "ExpiredToken", "ExpiredTokenException", "InvalidClientTokenId", "InvalidToken", "RequestExpired",
    "SignatureDoesNotMatch", "InvalidAccessKeyId", "UnrecognizedClientException", "OptInRequired",
})  # fmt: skip
_DENIED = frozenset({
    "403", "AccessDenied", "AccessDeniedException", "AuthorizationError", "Forbidden", "UnauthorizedOperation",
})  # fmt: skip
_THROTTLED = frozenset({
    "429", "RequestLimitExceeded", "SlowDown", "Throttling", "ThrottlingException", "ThrottledException",
    "TooManyRequestsException", "RequestThrottled",
})  # fmt: skip
_NO_CREDENTIALS = (exceptions.NoCredentialsError, exceptions.PartialCredentialsError, exceptions.ProfileNotFound)
_BAD_CREDENTIALS = (
    exceptions.CredentialRetrievalError,
    exceptions.TokenRetrievalError,
    exceptions.UnauthorizedSSOTokenError,
    exceptions.SSOError,
)
_SLOW = (exceptions.ConnectTimeoutError, exceptions.ReadTimeoutError)
_AWAY = (exceptions.HTTPClientError, exceptions.EndpointConnectionError)


class MissingError(NotAnsweredError):
    """AWS says that what was named does not exist."""


class Aws:
    """Calls operations of AWS by `service` and `operation`, as boto3 names them."""

    def __init__(self, limits: Limits) -> None:
        self._config = Config(
            connect_timeout=limits.request_s,
            read_timeout=limits.request_s,
            retries={"total_max_attempts": 3, "mode": "standard"},
            user_agent_extra=f"fleetgen/{__version__}",
        )
        self._lock = threading.Lock()
        try:
            self._session = boto3.Session()
        except BotoCoreError as error:
            raise NotAnsweredError(_kind(error), "sts:GetCallerIdentity", "", str(error)) from error
        self._client = cache(self._new_client)

    def home(self, region: str) -> str:
        """A region of the same partition that every account has open."""
        try:
            partition = str(self._session.get_partition_for_region(region))
        except exceptions.UnknownRegionError:
            partition = "aws"
        return HOME.get(partition, region)

    def call(self, service: str, operation: str, region: str, **arguments: Any) -> dict[str, Any]:
        """The reply of an operation (`DescribeSubnets`).

        Raises:
            NotAnsweredError: there is none. MissingError: AWS says that what is named does not exist.
        """
        with self._translated(service, operation):
            client = self._connected(service, region)
            reply: dict[str, Any] = getattr(client, _python_name(operation))(**arguments)
            return reply

    def pages(self, service: str, operation: str, region: str, key: str, **arguments: Any) -> Iterator[dict[str, Any]]:
        """The items below `key` of all pages.

        Raises:
            NotAnsweredError: there is no reply. MissingError: what is named does not exist.
        """
        with self._translated(service, operation):
            client = self._connected(service, region)
            for page in client.get_paginator(_python_name(operation)).paginate(**arguments):
                yield from page[key]

    def _connected(self, service: str, region: str) -> Any:
        with self._lock:  # a session is not safe to make clients in several threads; the clients are
            return self._client(service, region)

    def _new_client(self, service: str, region: str) -> Any:
        return self._session.client(service, region_name=region, config=self._config)

    def _translated(self, service: str, operation: str) -> "_Translated":
        return _Translated(f"{_SERVICES.get(service, service)}:{operation}")


class _Translated:
    """Turns boto3's errors into ours."""

    def __init__(self, operation: str) -> None:
        self._operation = operation

    def __enter__(self) -> None:
        return None

    def __exit__(self, kind: Any, error: BaseException | None, _: Any) -> None:
        permission = _PERMISSIONS.get(self._operation, self._operation)
        if isinstance(error, ClientError):
            code = str(error.response.get("Error", {}).get("Code", ""))
            said = f"{code}: {error.response.get('Error', {}).get('Message', '')}".strip(": ")
            if _is_missing(code):
                raise MissingError(kinds.UNEXPECTED_REPLY, self._operation, permission, said) from error
            raise NotAnsweredError(_code_kind(code, error.response), self._operation, permission, said) from error
        if isinstance(error, ResponseParserError):
            raise NotAnsweredError(kinds.UNEXPECTED_REPLY, self._operation, permission, str(error)) from error
        if isinstance(error, BotoCoreError):
            raise NotAnsweredError(_kind(error), self._operation, permission, str(error)) from error


def _is_missing(code: str) -> bool:
    return (
        code in {"404", "ResourceNotFoundException", "NoSuchResourceException", "NoSuchBucket", "InvalidParameterValue"}
        or code.endswith((".NotFound", ".NotFoundException"))
        or (code.startswith("Invalid") and code.endswith((".Malformed", "Id.NotFound")))
    )


def _code_kind(code: str, reply: dict[str, Any]) -> Kind:
    status = reply.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
    if code in _REFUSED:
        return kinds.CREDENTIALS_REFUSED
    if code in _DENIED:
        return kinds.DENIED
    if code in _THROTTLED or status == 429:
        return kinds.THROTTLED
    return kinds.UNEXPECTED_REPLY


def _kind(error: BotoCoreError) -> Kind:
    if isinstance(error, _NO_CREDENTIALS):
        return kinds.NO_CREDENTIALS
    if isinstance(error, _BAD_CREDENTIALS):
        return kinds.CREDENTIALS_REFUSED
    if isinstance(error, _SLOW):
        return kinds.NO_ANSWER_IN_TIME
    return kinds.UNREACHABLE if isinstance(error, _AWAY) else kinds.UNEXPECTED_REPLY


def _python_name(operation: str) -> str:
    from botocore import xform_name

    name: str = xform_name(operation)
    return name
