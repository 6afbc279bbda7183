"""StorageClasses of the platforms that rent machines: which ones one node mounts at a time."""

from functools import cache

from generator.catalog.table import entry, load
from generator.core.frozen import frozen


@frozen
class StorageClassFacts:
    """The names of classes of disks, which `one_node` mounts at a time, and which ones many mount, in words."""

    one_node: frozenset[str]
    shared: str
    source: str
    as_of: str


@cache
def storage_classes(platform: str) -> StorageClassFacts:
    """What is known of the classes of a platform."""
    with entry("storage_classes.yaml", platform):
        row = load("storage_classes.yaml")[platform]
        return StorageClassFacts(frozenset(row["oneNode"]), row["shared"], row["source"], row["asOf"])
