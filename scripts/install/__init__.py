"""What a checkout needs on a machine."""
