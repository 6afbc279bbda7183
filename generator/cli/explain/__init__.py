"""The verb `gen explain`."""
