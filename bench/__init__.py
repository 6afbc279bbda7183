"""Measures whole `gen` processes. A table for people; nothing here is asserted."""
