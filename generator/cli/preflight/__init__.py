"""The verb `gen preflight`."""
