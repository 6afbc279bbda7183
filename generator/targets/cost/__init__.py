"""Cost: what the rented nodes cost, as a page and as data."""
