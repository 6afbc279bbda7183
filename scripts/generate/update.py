"""Rewrites all that is generated and committed: schemas and pages, the stacks' outputs, the cases' expectations."""

import subprocess
import sys
from pathlib import Path

from scripts.generate.generated import generated
from scripts.install.environment import ROOT

GEN = Path(sys.executable).with_name("gen")


def write_files() -> None:
    """Schemas and pages; only those that differ are touched and named."""
    for name, text in generated():
        path = ROOT / name
        if not path.is_file() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8", newline="\n")
            print(f"  {name}", flush=True)


def run(what: str, *command: str | Path) -> None:
    """Run a step whose own words end with what it did; stop at a failure."""
    print(what, flush=True)
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    if done.returncode:
        raise SystemExit(f"{done.stdout}{done.stderr}update: {what} failed")
    lines = (done.stderr or done.stdout).splitlines()
    print(
        "".join(f"  {line}\n" for line in lines if line.startswith("outputs/") or " passed" in line), end="", flush=True
    )


def main() -> None:
    """Schemas come first: gen reads them."""
    print("schemas and pages", flush=True)
    write_files()
    stacks = sorted(path.parent.relative_to(ROOT) for path in (ROOT / "stacks").glob("*/fleet.yaml"))
    run("outputs of the stacks", GEN, "render", *stacks, "--all-envs", "--force")
    run("expectations of the cases", sys.executable, "-m", "pytest", "--update-cases", "tests/cases")


if __name__ == "__main__":
    main()
