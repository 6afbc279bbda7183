"""How many nodes a set of replicas needs, against an exhaustive search."""

from collections import Counter

from hypothesis import given, settings
from hypothesis import strategies as st

from generator.resolve.clusters.packing import nodes_needed


def fewest_nodes(sizes: tuple[int, ...], per_node: int) -> int:
    """Branch over every node each replica could go to."""
    best = len(sizes)

    def place(index: int, nodes: list[int]) -> None:
        nonlocal best
        if len(nodes) >= best and index < len(sizes):
            return
        if index == len(sizes):
            best = min(best, len(nodes))
            return
        tried = set()
        for at, free in enumerate(nodes):
            if free >= sizes[index] and free not in tried:
                tried.add(free)
                place(index + 1, [*nodes[:at], free - sizes[index], *nodes[at + 1 :]])
        place(index + 1, [*nodes, per_node - sizes[index]])

    place(0, [])
    return best


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([1, 2, 4, 8]), st.integers(1, 3)), min_size=1, max_size=3))
def test_as_few_as_an_exhaustive_search_finds(groups):
    counts: Counter[int] = Counter()
    for gpus, count in groups:
        counts[gpus] += count
    sizes = tuple(sorted((gpus for gpus, count in groups for _ in range(count)), reverse=True))
    assert nodes_needed(counts, 8) == fewest_nodes(sizes, 8)
