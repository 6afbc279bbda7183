"""Fetches one revision of a repository into a folder of the claim that the replicas of a model share, once.

Runs in the engine's image: `fetch_weights.py REPOSITORY REVISION FOLDER`. The file `FOLDER.complete` beside the folder
says that all is there. What was fetched before the last revision goes first, so that there is room for two: the one
that runs and the one that comes.
"""

import shutil
import sys
from pathlib import Path

from huggingface_hub import HfApi, snapshot_download

COMPLETE = ".complete"
OTHER_FORMATS = ["*.bin", "*.ckpt", "*.gguf", "*.h5", "*.msgpack", "*.onnx", "*.ot", "*.pt", "*.pth"]
NEVER_LOADED = ["original/*", "metal/*"]


def main(repository: str, revision: str, name: str) -> str:
    """What is there then."""
    folder = Path(name)
    marker = folder.with_name(folder.name + COMPLETE)
    if marker.exists():
        marker.touch()  # it runs again now, so it is the last one
        return f"{repository} {revision} is there already"
    make_room(folder)
    info = HfApi().model_info(repository, revision=revision)
    complete = any(file.rfilename.endswith(".safetensors") for file in info.siblings)
    left_out = NEVER_LOADED + (OTHER_FORMATS if complete else [])
    # By its commit: a branch that moves meanwhile must not mix two of them.
    snapshot_download(repository, revision=info.sha, local_dir=folder, ignore_patterns=left_out)
    part = marker.with_suffix(".part")
    part.write_text(info.sha, encoding="utf-8")
    part.replace(marker)
    return f"{repository} {revision} is complete: {info.sha}"


def make_room(coming: Path) -> None:
    """Only the revision that was fetched or asked for last stays, beside the coming one."""
    markers = sorted(coming.parent.glob(f"*{COMPLETE}"), key=lambda path: path.stat().st_mtime)
    for marker in markers[:-1]:
        marker.unlink()
    kept = {coming.name, *(marker.name.removesuffix(COMPLETE) for marker in markers[-1:])}
    for path in coming.parent.glob("*@*"):
        if path.is_dir() and path.name not in kept:
            shutil.rmtree(path)


if __name__ == "__main__":
    sys.stdout.write(f"{main(*sys.argv[1:])}\n")
