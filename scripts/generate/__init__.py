"""What is generated from the code and the catalogue, and its rewriting."""
