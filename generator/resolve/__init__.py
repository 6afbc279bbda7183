"""Decides everything that was left open: spec and facts become a plan."""
