"""Gateway: the folder of each gateway."""
