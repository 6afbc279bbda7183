"""A new pod comes first only where it finds a node however the others lie, against a search for the worst packing."""

from itertools import product
from types import SimpleNamespace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from generator.core.plan import Rollout
from generator.resolve.placements.scaling import _rollout, has_room


def group(per_node: int, nodes: int, *sizes: tuple[int, int]) -> list[SimpleNamespace]:
    """Placements of one pool: (GPUs, replicas)."""
    pool = SimpleNamespace(gpus_per_node=per_node, max_nodes=nodes)
    return [
        SimpleNamespace(gpus=gpus, pool=pool, placement=SimpleNamespace(replicas=SimpleNamespace(max=count)))
        for gpus, count in sizes
    ]


def can_wait_for_ever(per_node: int, nodes: int, sizes: tuple[tuple[int, int], ...]) -> bool:
    """Whether some packing of all pods, one more of each other placement included, leaves a new pod no node."""
    for index, (size, _) in enumerate(sizes):
        others = [gpus for at, (gpus, count) in enumerate(sizes) for _ in range(count + (at != index))]
        for homes in product(range(nodes), repeat=len(others)):
            used = [0] * nodes
            for home, gpus in zip(homes, others, strict=True):
                used[home] += gpus
            if max(used) <= per_node and all(per_node - held < size for held in used):
                return True
    return False


@pytest.mark.parametrize(
    ("per_node", "nodes", "sizes", "room"),
    [
        (8, 1, [(2, 3)], True),
        (8, 1, [(2, 4)], False),
        (8, 2, [(4, 2), (4, 1)], False),
        (8, 3, [(4, 2), (4, 1)], True),
        # Two GPUs are free, one in each node.
        (3, 2, [(2, 2)], False),
        # Six of sixteen GPUs are free and no four of them need be in one node.
        (8, 2, [(4, 2), (1, 2)], False),
        (1, 2, [(1, 1)], True),
    ],
)
def test_free_gpus_count_where_they_are_together(per_node, nodes, sizes, room):
    assert has_room(group(per_node, nodes, *sizes)) is room


def test_a_single_replica_on_a_full_pool_ends_before_the_next_begins():
    alone, pair = group(1, 1, (1, 1), (1, 2))
    assert _rollout(alone, room=False) == Rollout(0, 1, recreate=True)
    assert _rollout(pair, room=False) == Rollout(0, 1)
    assert _rollout(alone, room=True) == Rollout(1, 0)


def test_without_a_pool_there_is_room():
    assert has_room([SimpleNamespace(pool=None, gpus=0)])


@settings(max_examples=80, deadline=None)
@given(
    st.integers(1, 4),
    st.integers(1, 3),
    st.lists(st.tuples(st.integers(1, 4), st.integers(1, 2)), min_size=1, max_size=2),
)
def test_no_packing_makes_a_new_pod_wait_for_ever(per_node, nodes, sizes):
    sizes = [(min(size, per_node), count) for size, count in sizes]
    if has_room(group(per_node, nodes, *sizes)):
        assert not can_wait_for_ever(per_node, nodes, tuple(sizes))
