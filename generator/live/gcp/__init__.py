"""Google Cloud: asked through Google's own clients, with the credentials of google-auth."""
