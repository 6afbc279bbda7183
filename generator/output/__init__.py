"""Artifacts against the disk: compare, write, own."""
