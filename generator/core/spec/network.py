"""How containers reach what is outside: through which proxy, and whose certificates they trust."""

from typing import Annotated

from pydantic import Field

from generator.core.spec.base import Secret, SecretKey, SpecModel, Text, Url, spec_field

Direct = Annotated[str, Field(pattern=r"^[^\s,]+$")]


class Proxy(SpecModel):
    """The proxy of everything that leaves a cluster; `{}` for a cluster that needs none, where the fleet has one."""

    http: Url | None = spec_field(
        None,
        "Proxy of calls to `http` addresses.",
        changes="compose, helm: HTTP_PROXY of every container",
        examples=["http://proxy.example.com:3128"],
    )
    https: Url | None = spec_field(
        None,
        "Proxy of calls to `https` addresses. Its own address mostly begins with `http`.",
        changes="compose, helm: HTTPS_PROXY of every container",
        examples=["http://proxy.example.com:3128"],
    )
    secret: Secret | None = spec_field(
        None,
        "The proxy's whole URL as a secret, in place of `http` and `https`: where it holds a login.",
        changes="compose, helm: HTTP_PROXY and HTTPS_PROXY of every container, .env.example",
        examples=[{"secret": {"name": "proxy", "key": "url"}}],
    )
    no_proxy: list[Direct] = spec_field(
        [],
        "Hosts, domains (`.example.com`) and address ranges that are reached without it, beside those that gen knows: "
        "the container itself, names inside of the cluster, the cloud's metadata, the fleet's own hosts.",
        changes="compose, helm: NO_PROXY of every container",
        examples=[[".corp.example.com", "10.0.0.0/8"]],
    )


class ConfigMapKey(SpecModel):
    """A key inside a ConfigMap."""

    name: Text = spec_field(..., "Name of the ConfigMap.", changes="helm: configMap.name", examples=["authorities"])
    key: Text = spec_field(..., "Key inside the ConfigMap.", changes="helm: items.key", examples=["ca.crt"])


class Authorities(SpecModel):
    """A file in PEM with every authority that the containers trust; it takes the place of those of their images."""

    file: Text | None = spec_field(
        None,
        "Path of the file on a docker host.",
        changes="compose: bind mount, SSL_CERT_FILE and its like",
        examples=["/etc/ssl/certs/ca-certificates.crt"],
    )
    config_map: ConfigMapKey | None = spec_field(
        None,
        "Key of a ConfigMap in the cluster's namespace.",
        changes="helm: volume, SSL_CERT_FILE and its like",
        examples=[{"name": "authorities", "key": "ca.crt"}],
    )
    secret: SecretKey | None = spec_field(
        None,
        "Key of a Kubernetes secret, for clusters that hand authorities out so.",
        changes="helm: volume, SSL_CERT_FILE and its like",
        examples=[{"name": "authorities", "key": "ca.crt"}],
    )


class Network(SpecModel):
    """What stands between the containers and the outside. A cluster's own `proxy` or `ca` replaces the fleet's."""

    proxy: Proxy | None = spec_field(
        None,
        "Proxy of everything that leaves a cluster.",
        changes="compose, helm: proxy variables of every container",
        examples=[{"http": "http://proxy.example.com:3128", "https": "http://proxy.example.com:3128"}],
    )
    ca: Authorities | None = spec_field(
        None,
        "Authorities that the containers trust.",
        changes="compose, helm: a mount and the variables that name it, in every container; envoy: trusted_ca",
        examples=[{"configMap": {"name": "authorities", "key": "ca.crt"}}],
    )
