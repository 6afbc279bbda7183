"""How many pods of a gateway run, and how callers outside of its cluster reach it."""

from typing import Annotated

from pydantic import Field, WithJsonSchema

from generator.core.spec.base import Name, SpecModel, spec_field

HostName = Annotated[
    str,
    WithJsonSchema(
        {
            "type": "string",
            "maxLength": 253,
            "pattern": r"^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)+$",
        }
    ),
]


class PodRange(SpecModel):
    """How many pods; the CPU that they use decides inside of the range."""

    min: Annotated[int, Field(ge=1, le=100)] = spec_field(
        ..., "Pods at least.", changes="helm: the gateway's replicas", examples=[2]
    )
    max: Annotated[int, Field(ge=1, le=100)] = spec_field(
        ..., "Pods at most.", changes="helm: the gateway's HorizontalPodAutoscaler", examples=[4]
    )


class Tls(SpecModel):
    """Encryption up to the ingress controller."""

    secret: Name = spec_field(
        ...,
        "Secret with the certificate, of type `kubernetes.io/tls`, in the cluster's namespace.",
        changes="helm: tls of the Ingress",
        examples=["chat-tls"],
    )


class Ingress(SpecModel):
    """An Ingress, for the controllers that read such."""

    class_: Annotated[Name, Field(alias="class")] = spec_field(
        ...,
        "IngressClass. Of `nginx`, `alb` and `azure-application-gateway` the annotations are known that let answers "
        "take as long as the routes say; other controllers keep their own limits.",
        changes="helm: ingressClassName and annotations of the Ingress",
        examples=["nginx"],
    )
    tls: Tls | None = spec_field(
        None,
        "The host's certificate; without one TLS ends at a load balancer before the controller, or nowhere.",
        changes="helm: tls of the Ingress",
        examples=[{"secret": "chat-tls"}],
    )


class ParentGateway(SpecModel):
    """A Gateway of the Gateway API that is there already; one of its listeners must admit the cluster's namespace."""

    name: Name = spec_field(..., "Its name.", changes="helm: parentRefs of the HTTPRoute", examples=["public"])
    namespace: Name | None = spec_field(
        None,
        "Its namespace; the cluster's own when missing.",
        changes="helm: parentRefs of the HTTPRoute",
        examples=["edge"],
    )


class Expose(SpecModel):
    """Where callers from outside come in: by exactly one of `ingress` and `gateway`."""

    host: HostName = spec_field(
        ...,
        "Host name of the gateway.",
        changes="helm: host of the Ingress or HTTPRoute",
        examples=["chat.example.com"],
    )
    ingress: Ingress | None = spec_field(
        None, "Through an ingress controller.", changes="helm: Ingress", examples=[{"class": "nginx"}]
    )
    gateway: ParentGateway | None = spec_field(
        None,
        "Through a Gateway of the Gateway API, which the cluster must list in `has`.",
        changes="helm: HTTPRoute",
        examples=[{"name": "public", "namespace": "edge"}],
    )
