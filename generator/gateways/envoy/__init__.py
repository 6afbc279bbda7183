"""Envoy as a container: a bootstrap, and tables that it watches."""
