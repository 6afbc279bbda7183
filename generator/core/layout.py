"""Where the files of an output folder stand: folders, and files that others name, once and never taken apart."""

from functools import cache
from posixpath import basename, dirname, relpath

RECORDS = ".gen"
"""What gen keeps of an output folder for itself."""

MANIFEST = f"{RECORDS}/manifest"
VERSIONS = f"{RECORDS}/versions.json"
JOURNAL = f"{RECORDS}/journal"
STAGED = f"{RECORDS}/staged"

RECORD_FOLDERS = (RECORDS, STAGED)
RECORD_FILES = (MANIFEST, VERSIONS, JOURNAL)

UNCOMMITTED = (".env", ".env.*", ".terraform", "*.tfstate", "*.tfstate.*", "*.tfplan", "crash.log", "crash.*.log")
"""Files and folders with such names hold secrets or belong to one machine: git is to ignore them, no output is one."""

COMMITTED = (".env.example",)
"""Of these alone, files that are committed."""

COST = "cost.json"
COST_PAGE = "cost.md"

ADDONS = "addons"
"""Below a cluster's folder."""


def ignore(folder: str) -> str:
    """What git is to ignore in a folder."""
    return f"{folder}/.gitignore"


def compose(cluster: str) -> str:
    """The folder of a docker host's project."""
    return f"compose/{cluster}"


def dotenv(cluster: str) -> str:
    """The variables of its project with their values, which Compose reads and nobody commits."""
    return f"{compose(cluster)}/{UNCOMMITTED[0]}"


def env_example(cluster: str) -> str:
    """The variables that its project asks for, to be filled in."""
    return f"{compose(cluster)}/{COMMITTED[0]}"


def files(cluster: str, service: str) -> str:
    """The folder of the user's own files of a service of its project."""
    return f"{compose(cluster)}/files/{service}"


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


def route_table(name: str) -> str:
    """A gateway's neutral route table."""
    return f"{gateway(name)}/routes.json"


def root(cluster: str) -> str:
    """The folder of a cluster's Terraform root."""
    return f"terraform/{cluster}"


def variables(cluster: str) -> str:
    """The data of a cluster's Terraform root."""
    return f"{root(cluster)}/fleet.auto.tfvars.json"


def variables_of(path: str) -> str:
    """The cluster whose root has its data at this path; empty where the path is none of these."""
    cluster = basename(dirname(path))
    return cluster if path == variables(cluster) else ""


def module(name: str) -> str:
    """The folder of a Terraform module that roots share."""
    return f"terraform/modules/{name}"


def cluster(name: str) -> str:
    """The folder of what a cluster needs before its releases."""
    return f"cluster/{name}"


def addons(name: str) -> str:
    """The folder of a cluster's add-ons, a chart each."""
    return f"{cluster(name)}/{ADDONS}"


def beside(file: str, path: str) -> str:
    """The path as it is written in a file: from that file's own folder."""
    folder = dirname(file)
    return basename(path) if dirname(path) == folder else _from(folder, path)


@cache
def _from(folder: str, path: str) -> str:
    return relpath(path, folder)
