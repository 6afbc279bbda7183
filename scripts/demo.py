"""Shows the product in under a minute: renders a fleet, changes one line of its spec, and says what that does."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from scripts.install.environment import ROOT

GEN = Path(sys.executable).with_name("gen")
STACK = "aws-chat"
BEFORE, AFTER = "context: 16384", "context: 24576"


def heading(text: str) -> None:
    """A step's line."""
    print(f"\n\033[1m{text}\033[0m" if sys.stdout.isatty() else f"\n{text}", flush=True)


def gen(folder: Path, *arguments: str) -> int:
    """Run gen in the folder; its exit code. Of its talk only the end is shown when all went well."""
    heading(f"$ gen {' '.join(arguments)}")
    done = subprocess.run([GEN, *arguments], cwd=folder, check=False, stderr=subprocess.PIPE, text=True)
    print(done.stderr if done.returncode else done.stderr.strip().rpartition("\n")[2], flush=True)
    return done.returncode


def show_tree(folder: Path) -> None:
    """Print the files below a folder, one a line, indented as a tree."""
    for path in sorted(folder.rglob("*")):
        depth = len(path.relative_to(folder).parts)
        print(f"{'  ' * depth}{path.name}{'/' if path.is_dir() else ''}")


def change_one_line(spec: Path) -> None:
    """Give the smaller model a longer context, in the copy."""
    text = spec.read_text(encoding="utf-8")
    if text.count(BEFORE) != 1:
        raise SystemExit(f"demo: {spec.name} of {STACK} no longer holds `{BEFORE}` once")
    spec.write_text(text.replace(BEFORE, AFTER), encoding="utf-8")
    heading(f"One line of {spec.name} changes")
    print(f"  - {BEFORE}\n  + {AFTER}")


def main() -> int:
    """Do it in a temporary folder."""
    with tempfile.TemporaryDirectory(prefix="gen-demo-") as home:
        folder = Path(home)
        spec = folder / "fleet.yaml"
        shutil.copyfile(ROOT / "stacks" / STACK / "fleet.yaml", spec)
        if gen(folder, "render", "fleet.yaml"):
            return 1
        heading("outputs/")
        show_tree(folder / "outputs")
        change_one_line(spec)
        failed = gen(folder, "diff", "fleet.yaml")
        heading(
            f"That was stacks/{STACK}/fleet.yaml. Next: docs/getting-started.md; what each file is for: docs/outputs.md"
        )
        return failed


if __name__ == "__main__":
    sys.exit(main())
