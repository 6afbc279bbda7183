"""Placements: from what is written of one to all that it runs with."""
