"""Google Cloud: asked by its REST interfaces, with the credentials of google-auth."""
