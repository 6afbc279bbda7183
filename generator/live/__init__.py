"""Asks the clouds: the only room that opens a socket. Their libraries are extras, imported when the first is asked."""

CONNECTORS = {
    "eks": "generator.live.aws.account:connect",
    "gke": "generator.live.gcp.account:connect",
    "aks": "generator.live.azure.account:connect",
}
"""Platform to what opens its account; platforms that stand nowhere here have nothing to ask."""

REFRESHERS = {
    "aws": "generator.live.aws.offers:collect",
    "gcp": "generator.live.gcp.offers:collect",
    "azure": "generator.live.azure.offers:collect",
}
"""Cloud to what collects its machines and prices for the catalogue."""

STATES = {"eks": "s3", "gke": "gcs", "aks": "azurerm"}
"""Platform to the kind of Terraform state that its account can be asked about."""

EXTRAS = {"eks": "aws", "gke": "gcp", "aks": "azure"}
"""Platform to the extra that holds its libraries, which is the cloud's name in the catalogue too."""
