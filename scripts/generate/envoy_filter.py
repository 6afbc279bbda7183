"""Builds Envoy's filter `templates/envoy/first-event.wasm` from the text beside it."""

import base64
import subprocess

from scripts.install.environment import ROOT
from tools.places import PLACES

FOLDER = ROOT / "templates" / "envoy"
BUILD = "import base64, sys, wasmtime; print(base64.b64encode(wasmtime.wat2wasm(sys.stdin.read())).decode())"


def built() -> bytes:
    """The filter, built from its source."""
    source = (FOLDER / "first-event.wat").read_text(encoding="utf-8")
    command = [str(PLACES["envoy"]), "-c", BUILD]
    done = subprocess.run(command, input=source, capture_output=True, text=True, check=True)
    return base64.b64decode(done.stdout)


if __name__ == "__main__":
    (FOLDER / "first-event.wasm").write_bytes(built())
