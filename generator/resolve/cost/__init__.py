"""Cost: what the nodes of a plan cost, each price with its source."""
