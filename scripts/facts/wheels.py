"""A few files out of a large wheel on a package index: only these are asked for, and each is held to its checksum."""

import base64
import csv
import hashlib
import io
import json
import os
import tempfile
import urllib.request
import zipfile
from collections.abc import Iterator, Sequence
from fnmatch import fnmatch
from http.client import HTTPException
from pathlib import Path
from typing import IO, Any
from urllib.parse import urljoin

from scripts.install.environment import SetupError

INDEX = "https://pypi.org/simple"
SCHEMES = ("https://",)
BLOCK = 1 << 20
"""The least that is asked for at once, in bytes: neighbours in a wheel are wanted together."""
_JSON = "application/vnd.pypi.simple.v1+json"
_TIMEOUT_S = 60


class Remote(io.RawIOBase):
    """A file behind a URL as one that can be read anywhere. A server without ranges sends it once as a whole."""

    def __init__(self, url: str) -> None:
        self._url, self._place, self._from, self._block = url, 0, 0, b""
        self._whole: IO[bytes] | None = None
        with _open(url, "HEAD") as answer:
            self._size = int(answer.headers["Content-Length"])
        self.received = 0

    def seekable(self) -> bool:
        """Always."""
        return True

    def readable(self) -> bool:
        """Always."""
        return True

    def tell(self) -> int:
        """The place of the next byte."""
        return self._place

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Go to a place."""
        self._place = offset + {io.SEEK_SET: 0, io.SEEK_CUR: self._place, io.SEEK_END: self._size}[whence]
        return self._place

    def read(self, size: int = -1) -> bytes:
        """The next bytes."""
        end = self._size if size < 0 else min(self._size, self._place + size)
        if not self._from <= self._place <= end <= self._from + len(self._block):
            self._fetch(self._place, max(end, min(self._size, self._place + BLOCK)))
        data = self._block[self._place - self._from : end - self._from]
        self._place += len(data)
        return data

    def _fetch(self, start: int, end: int) -> None:
        if self._whole is None:
            for last in (False, False, True):
                try:
                    self._ask(start, end)
                    break
                except (OSError, HTTPException) as error:
                    if last:
                        raise SetupError(f"{self._url} broke off three times: {error}") from error
        if self._whole is not None:
            self._whole.seek(start)
            self._block = self._whole.read(end - start)
        self._from, self.received = start, self.received + len(self._block)

    def _ask(self, start: int, end: int) -> None:
        with _open(self._url, "GET", Range=f"bytes={start}-{end - 1}") as answer:
            if answer.status == 206:
                self._block = answer.read()
                return
            whole = tempfile.TemporaryFile()  # noqa: SIM115 - lives as long as this object
            while part := answer.read(BLOCK):
                whole.write(part)
            self._whole = whole


def find(name: str, version: str, platform: str) -> str:
    """The URL of a wheel, by the end of its platform tag (`x86_64`), from the index that `PIP_INDEX_URL` names.

    Raises:
        SetupError: the index has no such wheel.
    """
    index = os.environ.get("PIP_INDEX_URL", INDEX).rstrip("/")
    with _open(f"{index}/{name}/", "GET", Accept=_JSON) as answer:
        files = json.load(answer)["files"]
    for file in files:
        if file["filename"].startswith(f"{name}-{version}-") and file["filename"].endswith(f"{platform}.whl"):
            return urljoin(f"{index}/{name}/", str(file["url"]))
    raise SetupError(f"{index} has no wheel of {name} {version} for {platform}")


def record_sum(archive: zipfile.ZipFile) -> str:
    """The SHA-256 of a wheel's RECORD, which holds the sums of all its files: it stands for the whole wheel."""
    return hashlib.sha256(archive.read(_record(archive))).hexdigest()


def unpack(archive: zipfile.ZipFile, globs: Sequence[str], place: Path) -> None:
    """The files of a wheel that match a pattern (`*` matches folders too), each as the wheel's RECORD says.

    Raises:
        SetupError: a file is not the one that RECORD names.
    """
    text = archive.read(_record(archive)).decode()
    sums = {row[0]: row[1] for row in csv.reader(io.StringIO(text)) if row}
    for member in sorted(_matching(archive, globs), key=lambda member: member.header_offset):
        data = archive.read(member)
        found = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).decode().rstrip("=")
        if sums.get(member.filename) != f"sha256={found}":
            raise SetupError(f"{member.filename} is not the file that the wheel's RECORD names")
        target = place / member.filename
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(data)


def _matching(archive: zipfile.ZipFile, globs: Sequence[str]) -> Iterator[zipfile.ZipInfo]:
    for member in archive.infolist():
        if any(fnmatch(member.filename, glob) for glob in globs):
            yield member


def _record(archive: zipfile.ZipFile) -> str:
    return next(name for name in archive.namelist() if name.endswith(".dist-info/RECORD"))


def _open(url: str, method: str, **headers: str) -> Any:
    if not url.startswith(SCHEMES):
        raise SetupError(f"{url} is not asked: only {' and '.join(SCHEMES)} are")
    request = urllib.request.Request(url, method=method, headers=headers)
    return urllib.request.urlopen(request, timeout=_TIMEOUT_S)
