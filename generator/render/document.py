"""What the machine-readable files of the targets have in common: closed types that also make the file's JSON Schema."""

from typing import Any

from pydantic import BaseModel, ConfigDict
from pydantic.alias_generators import to_camel

_DIALECT = "https://json-schema.org/draft/2020-12/schema"


class Document(BaseModel):
    """Base of every type of a file: closed, frozen, camelCase on the outside, every field present."""

    model_config = ConfigDict(frozen=True, extra="forbid", alias_generator=to_camel, populate_by_name=True)


def schema_of(document: type[Document], identity: str, title: str) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a file; `identity` becomes its `$id`."""
    return {"$schema": _DIALECT, "$id": identity, **document.model_json_schema(by_alias=True), "title": title}
