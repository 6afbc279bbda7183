"""Kinds of findings: what stands in the way of writing outputs. They point at files, not into the spec."""

from generator.core.finding import Kind, Severity

HAND_EDITED = Kind(
    "GEN401",
    "hand-edited",
    Severity.ERROR,
    "A rendered file was edited by hand",
    "The file's sha256 is no longer the one in `.gen/manifest`. A render would throw the edit away, so it stops before "
    "it writes anything. Move the change into the spec (or into `patches`), or give it up with `--force`. The same "
    "happens after a merge of two branches that both rendered: there `--force` is the right answer, because the "
    "merged spec decides.",
)
FOREIGN_FILE = Kind(
    "GEN402",
    "foreign-file",
    Severity.ERROR,
    "A file that gen does not own stands where an output belongs",
    "gen owns what `.gen/manifest` lists and nothing else; a file of yours is never overwritten, not even with "
    "`--force`. Move it away or delete it, then render again. A file with exactly the rendered content is adopted.",
)
IN_THE_WAY = Kind(
    "GEN403",
    "in-the-way",
    Severity.ERROR,
    "Something that is no plain file stands where an output belongs",
    "A symbolic link, a folder or a device in the output tree could lead a write out of it, so gen follows none of "
    "them. Remove it, or give `--out` the folder that the link points at.",
)
UNREADABLE_MANIFEST = Kind(
    "GEN404",
    "unreadable-manifest",
    Severity.ERROR,
    "The list of owned files cannot be read",
    "Without `.gen/manifest` gen cannot tell its files from yours. Most often this is a merge conflict: take either "
    "side of it and render again. Files that equal what is rendered are adopted, others are named.",
)
INTERRUPTED = Kind(
    "GEN405",
    "interrupted",
    Severity.ERROR,
    "An earlier render was interrupted",
    "The process ended while it replaced files, so the tree may be half old and half new. The journal under `.gen` "
    "knows the rest: the next `gen render` completes it, or undoes it when nothing had been replaced yet.",
)
NOT_WRITABLE = Kind(
    "GEN406",
    "not-writable",
    Severity.ERROR,
    "A folder of the output tree cannot be written",
    "gen replaces files by renaming, and so it needs write permission for the folders, not only for the files. It "
    "looks before it begins, so nothing was changed. Often the files were rendered by another user, in a container "
    "for example: change their owner, or render elsewhere with `--out`.",
)
TOO_LARGE = Kind(
    "GEN407",
    "too-large-for-kubernetes",
    Severity.WARNING,
    "A gateway's tables are larger than Kubernetes takes",
    "The release keeps the gateway's files in a ConfigMap, and the API server refuses one above 1 MiB. An Envoy needs "
    "some 11 KB for a route of five backends, LiteLLM some 2 KB. Let several gateways serve a part of the routes each "
    "(`routes` of a gateway), or run the gateway outside of the cluster.",
)
