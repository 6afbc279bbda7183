"""How many nodes replicas need: what a pool must be able to hold, and what is rented for it."""

from collections import defaultdict
from collections.abc import Mapping


def nodes_needed(replicas: Mapping[int, int], per_node: int) -> int:
    """How many nodes of `per_node` GPUs hold so many replicas of each number of GPUs, none above `per_node`.

    A replica's GPUs are in one node, so a node holds whole replicas only. First fit, largest replicas first: no more
    than needed where sizes divide each other (1, 2, 4, 8).
    """
    free: dict[int, int] = defaultdict(int)  # GPUs left in a node -> how many such nodes
    nodes = 0
    for size in sorted(replicas, reverse=True):
        left = replicas[size]
        for room in sorted(room for room in free if room >= size):
            while left and free[room]:
                placed = min(left, room // size)
                free[room] -= 1
                free[room - placed * size] += 1
                left -= placed
        full, rest = divmod(left, per_node // size)
        nodes += full + bool(rest)
        free[per_node % size] += full
        if rest:
            free[per_node - rest * size] += 1
    return nodes
