"""The judge of Kubernetes objects: the schemas of the API server, and those of the custom resources' own projects."""

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import kubernetes_validate
import yaml
from jsonschema import Draft202012Validator

from tests.consumers.tools import tool

OLDEST = "1.30"
"""The charts' kubeVersion."""
CRD_FILES = {
    ("gateway.networking.k8s.io/v1", "HTTPRoute"): "gateway.networking.k8s.io_httproutes.yaml",
    ("keda.sh/v1alpha1", "ScaledObject"): "keda.sh_scaledobjects.yaml",
    ("monitoring.coreos.com/v1", "PodMonitor"): "monitoring.coreos.com_podmonitors.yaml",
}


def problems(item: Mapping[str, Any]) -> list[str]:
    """What the API server would refuse or silently drop of an object; unknown fields count."""
    kind = (item["apiVersion"], item["kind"])
    if kind in CRD_FILES:
        validator = crd_validator(*kind)
        return [f"{error.json_path}: {error.message}" for error in validator.iter_errors(item)]
    return list(_core(item))


def _core(item: Mapping[str, Any]) -> Iterator[str]:
    for version in (OLDEST, kubernetes_validate.latest_version()):
        try:
            kubernetes_validate.validate(item, version, strict=True)
        except kubernetes_validate.ValidationError as error:
            yield f"Kubernetes {version}: {'.'.join(map(str, error.path))}: {error.message}"


@cache
def crd_validator(api_version: str, kind: str) -> Draft202012Validator:
    """The validator of a custom resource, closed: the API server prunes what the schema does not name."""
    text = (tool("crds") / CRD_FILES[api_version, kind]).read_text(encoding="utf-8")
    version = api_version.rpartition("/")[2]
    found = next(entry for entry in yaml.safe_load(text)["spec"]["versions"] if entry["name"] == version)
    return Draft202012Validator(_closed(found["schema"]["openAPIV3Schema"]))


def _closed(schema: Any) -> Any:
    if isinstance(schema, list):
        return [_closed(entry) for entry in schema]
    if not isinstance(schema, dict):
        return schema
    found = {
        key: {name: _closed(entry) for name, entry in value.items()} if key == "properties" else _closed(value)
        for key, value in schema.items()
    }
    if "properties" in found and not schema.get("x-kubernetes-preserve-unknown-fields"):
        found.setdefault("additionalProperties", False)
    return found
