"""Compose: a project for each docker host."""
