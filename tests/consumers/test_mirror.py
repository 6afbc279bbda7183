"""Every image of every rendered tree comes from the mirror: of Compose, of releases, of gateways' pods, of add-ons."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from generator.pipeline import check, render
from tests.consumers import add_ons

ROOT = Path(__file__).resolve().parents[2]
MIRROR = "registry.example.com/mirror"
SPECS = sorted([*ROOT.glob("stacks/*/fleet.yaml"), *ROOT.glob("tests/cases/*/fleet.yaml")])
NOT_PULLED = {
    ("gateway-helm", "deployment.envoyGateway.image.repository"): "empty: the image of `global.images` is taken",
    ("gateway-helm", "global.imageRegistry"): "empty: each image names its registry",
    ("gateway-helm", "global.images.envoyProxy.image"): "EnvoyProxy names the image of the pods",
    ("gpu-operator", "vgpuManager.repository"): "empty: whoever wants vGPUs has an image of their own",
}
# A chart inside of another one tells nothing of its values here.
INSIDE = {"gpu-operator": ["node-feature-discovery.image.repository"]}


def tree(spec: Path, folder: Path, **more: str) -> dict[str, bytes]:
    """What a fleet renders to behind a mirror, by path."""
    shutil.copytree(spec.parent, folder, dirs_exist_ok=True)
    (folder / "fleet.mirrored.yaml").write_text(
        yaml.safe_dump({"images": {"registry": MIRROR, **more}}), encoding="utf-8"
    )
    checked = check(folder / "fleet.yaml", "mirrored")
    assert checked.plan is not None
    return {artifact.path: artifact.content for artifact in render(checked)}


def images(part: Any, path: str = "") -> Iterator[tuple[str, str]]:
    """Every text below that is the image of a container, as Compose, our charts and EnvoyProxy write it."""
    if isinstance(part, dict):
        for key, below in part.items():
            where = f"{path}.{key}" if path else str(key)
            if isinstance(below, str) and (key == "image" or where.endswith("image.repository")):
                yield where, below
            else:
                yield from images(below, where)
    elif isinstance(part, list):
        for index, below in enumerate(part):
            yield from images(below, f"{path}[{index}]")


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.parent.name)
def test_containers_run_images_of_the_mirror(spec: Path, tmp_path: Path) -> None:
    own = yaml.safe_load(spec.read_text(encoding="utf-8"))
    given = {item.get("image", {}).get("repository") for item in own["models"].values()}
    found = {}
    for path, content in tree(spec, tmp_path / "fleet").items():
        parts = path.split("/")
        if path.endswith(".yaml") and "charts" not in parts and "addons" not in parts:
            for document in yaml.safe_load_all(content.decode()):
                found |= {f"{path}: {where}": image for where, image in images(document)}
    assert {where: image for where, image in found.items() if not image.startswith(f"{MIRROR}/")} == {
        where: image for where, image in found.items() if image in given
    }
    assert found or not any(path.startswith(("compose/", "helm/")) for path in tree(spec, tmp_path / "again"))


def leaves(shape: Any, path: str = "") -> Iterator[str]:
    """The values by which a chart names images, as its own file of values has them."""
    for key, below in shape.items():
        where = f"{path}.{key}" if path else key
        if isinstance(below, dict):
            yield from leaves(below, where)
        elif key in ("repository", "imageRegistry") or (key == "image" and "repository" not in shape):
            yield where


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.parent.name)
def test_add_ons_run_images_of_the_mirror(spec: Path, tmp_path: Path) -> None:
    for path, content in tree(spec, tmp_path / "fleet").items():
        if "/addons/" not in path or not path.endswith("/values.yaml"):
            continue
        chart = path.split("/")[-2]
        values = yaml.safe_load(content)[chart]
        for leaf in (*leaves(add_ons.known(chart)["values"]), *INSIDE.get(chart, ())):
            if (chart, leaf) not in NOT_PULLED:
                assert at(values, leaf).startswith(f"{MIRROR}/"), f"{path}: {leaf}"


def at(values: Any, path: str) -> Any:
    for step in path.split("."):
        values = values[step] if isinstance(values, dict) and step in values else ""
    return values


def secret_lists(shape: Any, path: str = "") -> Iterator[str]:
    """The values by which a chart names secrets for pulling."""
    for key, below in shape.items():
        where = f"{path}.{key}" if path else key
        if isinstance(below, dict):
            yield from secret_lists(below, where)
        elif key in ("imagePullSecrets", "pullSecrets"):
            yield where


NO_SECRET = {
    ("ai-gateway-helm", "controller.imagePullSecrets"): "that of `global` is taken",
    ("ai-gateway-helm", "extProc.imagePullSecrets"): "that of `global` is taken",
    ("gateway-helm", "deployment.envoyGateway.imagePullSecrets"): "that of `global` is taken",
    ("gateway-helm", "global.images.envoyGateway.pullSecrets"): "that of `global` is taken",
    ("gateway-helm", "global.images.envoyProxy.pullSecrets"): "EnvoyProxy names it",
    ("gateway-helm", "global.images.ratelimit.pullSecrets"): "that of `global` is taken",
    ("gpu-operator", "kataManager.imagePullSecrets"): "no image",
    ("gpu-operator", "vgpuManager.imagePullSecrets"): "no image",
}


@pytest.mark.parametrize("spec", SPECS, ids=lambda path: path.parent.name)
def test_add_ons_have_the_secret_that_the_mirror_asks_for(spec: Path, tmp_path: Path) -> None:
    for path, content in tree(spec, tmp_path / "fleet", pullSecret="regcred").items():
        if "/addons/" in path and path.endswith("/values.yaml"):
            chart = path.split("/")[-2]
            values = yaml.safe_load(content)[chart]
            lists = set(secret_lists(add_ons.known(chart)["values"]))
            for leaf in sorted({where for where in lists if (chart, where) not in NO_SECRET}):
                assert at(values, leaf) in (["regcred"], [{"name": "regcred"}]), f"{path}: {leaf}"


def test_every_add_on_is_among_them(tmp_path: Path) -> None:
    charts = {path.stem for path in add_ons.CHARTS.glob("*.json")}
    seen = set()
    for number, spec in enumerate(SPECS):
        paths = tree(spec, tmp_path / str(number))
        seen |= {path.split("/")[-2] for path in paths if "/addons/" in path}
    assert seen == charts


def test_without_a_mirror_a_chart_runs_its_own_images() -> None:
    for path in ROOT.glob("tests/cases/*/expected/cluster/*/addons/*/values.yaml"):
        assert MIRROR not in path.read_text(encoding="utf-8")
