"""Platforms: each turns a spec pool into nodes."""

CLOUDS = {
    "docker": "generator.clouds.docker:DOCKER",
    "kubernetes": "generator.clouds.onprem:ONPREM",
    "eks": "generator.clouds.aws:AWS",
    "gke": "generator.clouds.gcp:GCP",
    "aks": "generator.clouds.azure:AZURE",
}
RENTED = {"eks": "aws", "gke": "gcp", "aks": "azure"}
"""Whose machines a platform rents: a cloud of the catalogue, with its machines and prices. The others rent none."""
