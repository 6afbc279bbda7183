"""The whole fleet spec."""

from typing import Annotated, Any, Literal

from pydantic import Field

from generator.core.spec.base import FindingId, Name, Reason, SpecModel, Text, spec_field
from generator.core.spec.cluster import Cluster
from generator.core.spec.model import Model, ModelSettings
from generator.core.spec.network import Network
from generator.core.spec.route import Gateway, Provider, Route, Tenant

_TOLD = "what is told, and no file"


class Images(SpecModel):
    """A mirror for all images."""

    registry: Text | None = spec_field(
        None,
        "Prefix put before every image, those of add-ons included; Docker Hub names keep their path.",
        changes="compose, helm: images; cluster: values of the charts",
        examples=["registry.example.com/mirror"],
    )
    pull_secret: Name | None = spec_field(
        None,
        "Secret for pulling, in the namespace of the releases and, with a mirror, in those of add-ons.",
        changes="helm: imagePullSecrets; cluster: values of the charts",
        examples=["regcred"],
    )


class Patch(SpecModel):
    """Escape hatch: a JSON merge patch (RFC 7396) on an object we emit."""

    target: Literal["helm", "compose"] = spec_field(
        ..., "helm: the release's values; compose: the service.", changes="the patched file"
    )
    placement: Annotated[str, Field(pattern=r"^[^/]+/[^/]+$")] = spec_field(
        ..., "`model/placement`.", changes="the patched file", examples=["qwen3-14b/use1-l4"]
    )
    merge: dict[str, Any] = spec_field(
        ..., "The merge patch.", changes="the patched file", examples=[{"podAnnotations": {"team": "chat"}}]
    )


class Acceptance(SpecModel):
    """A finding that is known and accepted."""

    finding: FindingId = spec_field(..., "Id of the finding.", changes=_TOLD, examples=["GEN311"])
    at: Text = spec_field(
        ...,
        "Its place as `gen validate` shows it (`path` with `-o json`); all places below count as well.",
        changes=_TOLD,
        examples=["models.qwen3-14b.placements.use1-l4"],
    )
    reason: Reason = spec_field(..., "Why it is accepted.", changes=_TOLD, examples=["ran for a week on the same card"])
    environments: list[Text] = spec_field(
        [], "Environments in which it is accepted; all when empty.", changes=_TOLD, examples=[["prod"]]
    )


class Fleet(SpecModel):
    """Everything one spec describes."""

    api_version: Literal["fleetgen/v1"] = spec_field(
        ..., "Version of this format.", changes="nothing: it names the format"
    )
    name: Name = spec_field(
        ..., "Name of the fleet.", changes="output folder, project and secret names", examples=["acme-chat"]
    )
    clusters: Annotated[dict[Name, Cluster], Field(min_length=1)] = spec_field(
        ..., "Clusters by name.", changes="compose projects, helm folders, terraform roots"
    )
    providers: dict[Name, Provider] = spec_field({}, "External APIs by name.", changes="litellm: model_list")
    defaults: ModelSettings | None = spec_field(None, "Settings for every model.", changes="as in models")
    models: dict[Name, Model] = spec_field(
        ...,
        "Models by name; the name is what engines serve it as. A gateway before providers alone says `{}`.",
        changes="compose services, helm releases",
    )
    routes: dict[Name, Route] = spec_field(
        {}, "Routes by public model name.", changes="routes.json; litellm: config.yaml"
    )
    tenants: dict[Name, Tenant] = spec_field({}, "Tenants by name.", changes="litellm: tenant keys")
    gateways: dict[Name, Gateway] = spec_field({}, "Gateways by name.", changes="gateway folder; compose: service")
    network: Network | None = spec_field(
        None,
        "Proxy and authorities of all containers, of engines, their downloads and gateways.",
        changes="compose, helm: variables and a mount of every container",
    )
    images: Images | None = spec_field(None, "A mirror for all images.", changes="compose, helm: images")
    patches: list[Patch] = spec_field([], "Merge patches on what is emitted.", changes="the patched file")
    accept: list[Acceptance] = spec_field(
        [],
        "Findings that are accepted, each with a reason: warnings, notes, and errors that are forecasts.",
        changes=_TOLD,
    )
