"""Routes: backends as URLs, and what a gateway can do of what is asked."""
