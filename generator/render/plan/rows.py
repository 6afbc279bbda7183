"""The small entries of the plan document, each written as one line."""

from typing import Annotated

from pydantic import Field

from generator.render.document import Document

Count = Annotated[int, Field(ge=0)]


class Row(Document):
    """Base of what stands in one line."""


class CountEntry(Row):
    """A number at both ends of the scale."""

    min: Count = Field(description="At least.")
    max: Count = Field(description="At most.")


class DecisionEntry(Row):
    """A decided value and its why."""

    value: str = Field(description="The value, as a person reads it.")
    why: str = Field(description="Why it is that.")


class TaintEntry(Row):
    """A taint of a node."""

    key: str = Field(description="Key.")
    value: str = Field(description="Value.")
    effect: str = Field(description="Effect in Kubernetes' spelling.")


class TolerationEntry(Row):
    """A toleration of a pod."""

    key: str = Field(description="Key.")
    operator: str = Field(description="Equal or Exists.")
    value: str = Field(description="Value.")
    effect: str = Field(description="Effect; all of them when empty.")


class SecretEntry(Row):
    """A secret by reference: never its value."""

    env: str = Field(description="Variable, for Compose.")
    secret: str = Field(description="Secret, for Kubernetes.")
    key: str = Field(description="Key in that Secret.")


class MountEntry(Row):
    """A volume in a container."""

    volume: str = Field(description="The volume.")
    path: str = Field(description="Where it is.")
    sub_path: str = Field(description="What of it; all of it when empty.")
    read_only: bool = Field(description="Whether it is read only.")


class VolumeEntry(Row):
    """Storage of a workload."""

    kind: str = Field(description="cache, shared, memory, scratch, host, claim or files.")
    size_gib: float = Field(description="Its size; 0 where it has none of its own.")
    ref: str = Field(
        description="Host path or claim, where it exists already; of `shared` the StorageClass, of files a digest."
    )


class ProbeEntry(Row):
    """A health check."""

    kind: str = Field(description="http or exec.")
    path: str = Field(description="Path of http.")
    port: str = Field(description="Port of http, by name.")
    command: list[str] = Field(description="Command of exec.")


class UsdEntry(Row):
    """USD an hour: of the first choice of capacity, and between which ends all choices lie."""

    value: float = Field(description="By the first choice.")
    low: float = Field(description="By the cheapest choice whose price is known.")
    high: float = Field(description="By the dearest choice whose price is known.")


class BackendEntry(Row):
    """A backend of a tier."""

    id: str = Field(description="What it is: a placement or a provider's model.")
    api: str = Field(description="Style spoken there.")
    url: str = Field(description="Its URL; the provider's own when empty.")
    model: str = Field(description="Its own name for the model.")
    weight: int = Field(description="Its share of the tier's calls.")
    max_parallel: int = Field(description="Calls at once; without a limit when 0.")
    key_env: str | None = Field(description="Variable that holds its key.")
