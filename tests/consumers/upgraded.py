"""Whether an upgrade of gen changes what Terraform has made.

A root of an older revision is applied in the account that moto plays, and then today's root is planned with its state.
Only moto's own artefacts may differ.

    python -m tests.consumers.upgraded REVISION [outputs/STACK/ENVIRONMENT/terraform/CLUSTER]

Run by hand before a release, since an older revision is not in every clone.
"""

import io
import subprocess
import sys
import tarfile
import tempfile
from pathlib import Path

from tests.consumers.applied import applied, differences
from tests.consumers.roots import ROOT, settings

APART = """
terraform {
  backend "local" {}
}

module "gpu_pools" {
  autoscaler_identity = false
}
"""
"""The state stays here, whatever the stack says; moto has no EKS Pod Identity."""
USUAL = "outputs/aws-chat/default/terraform/use1"


def changes(revision: str, root: str, place: Path) -> list[str]:
    """What the plan of today's root changes of what that of the revision has made, one line each."""
    packed = subprocess.check_output(["git", "archive", revision, str(Path(root).parent)], cwd=ROOT)
    with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
        archive.extractall(place / "older", filter="data")
    run = applied(place / "older" / root, place, settings(place), override=APART, then=ROOT / root)
    sys.stdout.write(
        f"{len(run.made)} resources were made; the second plan has {len(run.second['resource_changes'])}\n"
    )
    return differences(run.second)


def main(revision: str, root: str = USUAL) -> int:
    """Tell the changes; 1 where there are any."""
    with tempfile.TemporaryDirectory() as place:
        found = changes(revision, root, Path(place))
    sys.stdout.write("\n".join([*found, "" if found else "no changes\n"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
