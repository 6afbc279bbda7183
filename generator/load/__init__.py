"""From files to data with a position for every path."""
