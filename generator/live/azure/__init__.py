"""Azure: asked by the Resource Manager, with the credentials of azure-identity."""
