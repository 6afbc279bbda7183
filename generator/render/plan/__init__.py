"""The plan document: what was decided, as data for other programs and for the comparison of two plans."""
