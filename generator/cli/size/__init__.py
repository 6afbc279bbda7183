"""The verbs `gen size` and `gen compare`, which ask without a fleet."""
