"""The verb `gen catalog`."""
