"""What a secret is for: who is to have it, and who makes it, follow from that."""

from typing import Literal

SecretRole = Literal["token", "variable", "provider", "endpoint", "proxy", "tenant", "administrator", "database"]
"""What a secret is for: weights, a variable of a container, calls to a provider, calls to engines elsewhere, calls
through a proxy, a tenant's calls, a gateway's administrator, a gateway's database."""

OWN: frozenset[SecretRole] = frozenset({"tenant", "administrator", "database"})
"""Who has one of these is taken for that tenant, or has everything."""

MADE: frozenset[SecretRole] = frozenset({"endpoint", "tenant", "administrator"})
"""Keys that whoever deploys the fleet makes up; the others come from somebody else."""
