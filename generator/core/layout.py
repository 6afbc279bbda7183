"""Where every file of an output folder stands, once: paths are made here and nowhere taken apart."""

from posixpath import dirname, relpath


def compose(cluster: str) -> str:
    """The folder of a docker host's project."""
    return f"compose/{cluster}"


def compose_file(cluster: str) -> str:
    """The project itself."""
    return f"{compose(cluster)}/compose.yaml"


def chart(name: str) -> str:
    """The folder of a chart that releases are made of."""
    return f"helm/charts/{name}"


def release(cluster: str, name: str) -> str:
    """The values file of a model's release."""
    return f"helm/{cluster}/{name}.values.yaml"


def gateway_release(cluster: str, name: str) -> str:
    """The values file of a gateway's release."""
    return f"helm/{cluster}/{name}.gateway.values.yaml"


def gateway(name: str) -> str:
    """The folder of a gateway: its route table, and what its own program reads."""
    return f"gateway/{name}"


def root(cluster: str) -> str:
    """The folder of a cluster's Terraform root."""
    return f"terraform/{cluster}"


def module(name: str) -> str:
    """The folder of a Terraform module that roots share."""
    return f"terraform/modules/{name}"


def cluster(name: str) -> str:
    """The folder of what a cluster needs before its releases."""
    return f"cluster/{name}"


def addons(name: str) -> str:
    """The folder of a cluster's add-ons, a chart each."""
    return f"cluster/{name}/addons"


def beside(file: str, path: str) -> str:
    """The path as it is written in a file: from that file's own folder."""
    return relpath(path, dirname(file))
