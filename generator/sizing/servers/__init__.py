"""Servers: what the model of memory and speed knows of each engine."""
