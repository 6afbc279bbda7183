"""What all spec types share: the strict base class, the field helper and the scalar types with units."""

import json
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, WithJsonSchema
from pydantic.alias_generators import to_camel

from generator.core.units import DURATION_PATTERN, SIZE_PATTERN


def _form(pattern: str, **limits: int) -> WithJsonSchema:
    """The form of a text, for the JSON Schema alone: it judges every spec before these types hold it."""
    return WithJsonSchema({**limits, "pattern": pattern, "type": "string"})


Name = Annotated[str, _form(r"^[^\x00-\x1f]+$", minLength=1, maxLength=253)]
"""A name the user gives. Whether it can be a DNS label is a rule, which can say what would fit."""

Duration = Annotated[str, _form(DURATION_PATTERN)]
Size = Annotated[str, _form(SIZE_PATTERN)]
Text = Annotated[str, _form(r"^[^\x00]*$", minLength=1)]
FindingId = Annotated[str, _form(r"^GEN[0-9]{3}$")]
Reason = Annotated[str, _form(r"^[^\x00-\x1f]*[^\x00-\x20][^\x00-\x1f]*$", minLength=1)]
Labels = dict[Text, str]
Cidr = Annotated[str, _form(r"^[0-9]{1,3}(\.[0-9]{1,3}){3}/[0-9]{1,2}$")]
Url = Annotated[str, _form(r"^https?://[^\s\"'\\]+$")]
FileName = Annotated[str, _form(r"^[A-Za-z0-9_][-._A-Za-z0-9]*$", maxLength=63)]
"""The name of a file in a folder: a key of a ConfigMap, which cannot leave it."""
EnvName = Annotated[str, _form(r"^[A-Za-z_][A-Za-z0-9_]*$")]
Port = Annotated[int, Field(ge=1, le=65535)]
Cpu = Annotated[str, _form(r"^[0-9]+(\.[0-9]+)?m?$")]


def _json_text(value: Any) -> Any:
    return json.dumps(value, sort_keys=True, separators=(",", ":")) if isinstance(value, dict) else value


Configuration = Annotated[
    str,
    BeforeValidator(_json_text),
    WithJsonSchema({"minLength": 1, "pattern": r"^[^\x00-\x1f]+$", "type": ["string", "object"]}),
]
"""A `config.json`: in the spec its path or what it holds, after loading its JSON text, which can be compared."""


class SpecModel(BaseModel):
    """Base of every spec type: frozen, closed, strict, camelCase on the outside."""

    # Validators are built for the whole fleet at once, when the first one is needed: starting up stays quick.
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, alias_generator=to_camel, populate_by_name=True, defer_build=True
    )

    @classmethod
    def spelled(cls, field: str) -> str:
        """The name of a field as the spec spells it."""
        return cls.model_fields[field].alias or field


def spec_field(default: Any, description: str, *, changes: str, examples: list[Any] | None = None) -> Any:
    """A spec field: `changes` says what it changes in which artifact, and feeds docs/spec.md.

    `default` is `...` for a required field; a dict or list default is copied for each instance.
    """
    extra: dict[str, Any] = {"x-changes": changes}
    if isinstance(default, (dict, list)):
        kept = default
        return Field(
            default_factory=lambda: type(kept)(kept),
            validate_default=True,
            description=description,
            examples=examples,
            json_schema_extra={**extra, "default": kept},
        )
    return Field(default, description=description, examples=examples, json_schema_extra=extra)


class SecretKey(SpecModel):
    """A key inside a Kubernetes secret."""

    name: Text = spec_field(..., "Name of the secret.", changes="helm: secretKeyRef.name", examples=["hf"])
    key: Text = spec_field(..., "Key inside the secret.", changes="helm: secretKeyRef.key", examples=["token"])


class Secret(SpecModel):
    """A secret by reference: exactly one of `env` or `secret`. A value never stands in a spec.

    On Kubernetes `{env: NAME}` is key NAME of the secret `<fleet>-env`; in Compose `{secret: {name: a-b, key: c}}`
    is the variable `A_B_C`, with a digest behind it where another reference would have that name too.
    """

    env: EnvName | None = spec_field(
        None, "Name of an environment variable.", changes="compose: ${NAME} and .env.example", examples=["HF_TOKEN"]
    )
    secret: SecretKey | None = spec_field(
        None,
        "A key of a Kubernetes secret.",
        changes="helm: secretKeyRef",
        examples=[{"name": "hf", "key": "token"}],
    )
