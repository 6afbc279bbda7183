"""Clusters: their nodes, their add-ons, and what fits on a node."""
