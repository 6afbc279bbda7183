"""Helm: the charts, and the values of each release."""
