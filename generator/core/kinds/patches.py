"""Kinds of findings about patches: the escape hatch must not break what the parts agree on."""

from generator.core.finding import Kind, Severity

PATCH_WITHOUT_OBJECT = Kind(
    "GEN380",
    "patch-without-object",
    Severity.ERROR,
    "A patch for something that is not written",
    "The placement exists, but its cluster has no file of the patch's target: Helm values belong to Kubernetes "
    "clusters, Compose services to docker ones. The patch would change nothing, silently.",
)
PATCH_BREAKS_NAME = Kind(
    "GEN381",
    "patch-breaks-agreement",
    Severity.ERROR,
    "A patch on something that must agree elsewhere",
    "Served names, ports, GPU counts, tolerations, selectors and secret names stand in several files at once. A patch "
    "changes only one of them, and the parts no longer find each other. Change the spec's own field instead.",
)
PATCH_BLOCKS_DRAINS = Kind(
    "GEN382",
    "budget-blocks-drains",
    Severity.ERROR,
    "A PodDisruptionBudget that blocks every drain",
    "A budget that allows no pod to go, on a single replica above all, makes every node drain and every cluster "
    "upgrade wait for ever, and the chart refuses it. Allow one pod to be unavailable, or run two replicas.",
)
PATCH_UNKNOWN_KEY = Kind(
    "GEN383",
    "patch-unknown-key",
    Severity.ERROR,
    "A patch with a value that the chart does not know",
    "The chart's values schema is closed, so that a misspelt value does not pass for a setting. Helm refuses such a "
    "release on install. Correct the name; `helm/charts/model-server/values.yaml` lists them all.",
)
