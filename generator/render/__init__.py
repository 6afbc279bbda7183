"""Data to bytes: deterministic emitters and one template environment."""
