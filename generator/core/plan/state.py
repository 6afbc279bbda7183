"""Where Terraform keeps its state: one type a backend."""

from typing import ClassVar

from generator.core.frozen import frozen


@frozen
class S3State:
    """An object `key` in a bucket of S3."""

    backend: ClassVar[str] = "s3"

    bucket: str
    region: str
    key: str

    @property
    def store(self) -> str:
        """What the object lies in."""
        return self.bucket

    @property
    def place(self) -> str:
        """The same in words."""
        return f"bucket {self.bucket}"


@frozen
class GcsState:
    """A folder `prefix` in a bucket of Cloud Storage."""

    backend: ClassVar[str] = "gcs"

    bucket: str
    prefix: str

    @property
    def store(self) -> str:
        """What the folder lies in."""
        return self.bucket

    @property
    def place(self) -> str:
        """The same in words."""
        return f"bucket {self.bucket}"


@frozen
class AzurermState:
    """A blob `key` in a container of a storage account."""

    backend: ClassVar[str] = "azurerm"

    account: str
    container: str
    key: str

    @property
    def store(self) -> str:
        """What the blob lies in."""
        return f"{self.account}/{self.container}"

    @property
    def place(self) -> str:
        """The same in words."""
        return f"container {self.store}"


TerraformState = S3State | GcsState | AzurermState
