"""Kinds of findings about the network: proxies, authorities, and addresses as seen from where they are used."""

from generator.core.finding import Kind, Severity

AUTHORITIES_OUT_OF_REACH = Kind(
    "GEN630",
    "authorities-out-of-reach",
    Severity.ERROR,
    "Authorities that a cluster cannot mount",
    "`network.ca` names the file with the authorities that all containers trust. A docker host mounts it from its disk "
    "(`file`); pods take it from a ConfigMap or a secret of their namespace. Where a cluster finds neither, its "
    "downloads and calls would fail at the first certificate of your own.",
)
PROXY_TWICE = Kind(
    "GEN631",
    "proxy-contradiction",
    Severity.ERROR,
    "Proxy that is named twice, or not at all",
    "A proxy is either named in the open by `http` and `https`, or as a whole by `secret` because its URL holds a "
    "login; and hosts of `noProxy` need a proxy that they are exceptions of.",
)
PROXY_NOT_USED = Kind(
    "GEN632",
    "proxy-not-used",
    Severity.WARNING,
    "Gateway that does not use the proxy",
    "Envoy calls its upstreams directly and reads no proxy from its environment. Where only the proxy may leave the "
    "network, every call to a provider fails. LiteLLM uses the proxy. Hosts that are reached without one belong in "
    "`noProxy`, which ends this finding.",
)
DIRECT_HOST_UNREAD = Kind(
    "GEN638",
    "direct-host-unread",
    Severity.WARNING,
    "Entry of noProxy that not every program reads",
    "NO_PROXY is a list of hosts, of domains that begin with a dot, and of address ranges. Some programs take a `*.` "
    "or an address with its scheme, others pass it over and call the proxy.",
)
GATEWAY_VARIABLE = Kind(
    "GEN633",
    "gateway-variable-set-by-gen",
    Severity.ERROR,
    "Environment variable of a gateway that gen sets",
    "Keys, timeouts and what is closed to callers are set together with the files of a gateway. A second value for the "
    "same variable would separate them.",
)
AUTHORITIES_UNDER_ANOTHER_KEY = Kind(
    "GEN634",
    "authorities-under-another-key",
    Severity.WARNING,
    "Authorities under a key that the gateway does not read",
    "Envoy Gateway takes authorities from the key `ca.crt` of a ConfigMap or secret, or from its only key. With "
    "several keys and none of that name it refuses the policy, and calls to `https` backends fail.",
)
CALLS_ITSELF = Kind(
    "GEN635",
    "address-of-the-caller",
    Severity.WARNING,
    "Address that leads back to the container that calls it",
    "Each container has a network of its own: `localhost`, 127.0.0.1, ::1 and 0.0.0.0 are the container, not the "
    "machine that it runs on. A provider, a proxy or a collector at such an address is never reached. On a docker host "
    "`host.docker.internal` is the host, and gen writes the entry that Linux needs; in a cluster a Service has a name. "
    "Where a gateway's files are run outside of a container, or a sidecar answers, the address may be right.",
)
NAME_NOT_KNOWN_THERE = Kind(
    "GEN636",
    "name-not-known-there",
    Severity.WARNING,
    "Host name that is not known where it is called",
    "Names of containers are known in their Compose project, names under `.svc` in their cluster, names under `.local` "
    "in a network at home, and `host.docker.internal` on a docker host. From anywhere else they lead nowhere.",
)
PUBLISHED_ON_LOOPBACK = Kind(
    "GEN637",
    "published-on-loopback",
    Severity.WARNING,
    "Port that is called from elsewhere and published on loopback alone",
    "A docker host publishes ports on `bind`, 127.0.0.1 unless the spec says otherwise: programs of the host itself "
    "reach them, other machines and the host's own containers do not. Containers of one project call each other by "
    "name and need no published port.",
)
