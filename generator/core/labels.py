"""Labels and tags by which parts of a fleet know each other; each stands once."""

ADMITTED = "fleetgen.dev/gateway=true"
"""The label by which the models' network policies know gateways, or namespaces of gateways."""
