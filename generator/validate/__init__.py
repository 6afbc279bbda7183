"""Judges what was written: the JSON Schema first, then rules across fields."""
