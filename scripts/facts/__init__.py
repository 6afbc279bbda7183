"""Facts of the catalogue, read from the sources that have them."""
