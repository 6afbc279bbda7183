"""What only a rented cluster and its nodes have: one module a cloud, loaded where a fleet has such a cluster."""
