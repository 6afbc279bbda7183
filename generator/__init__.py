"""Fleetgen: one fleet spec in, reviewed infrastructure out."""

__version__ = "0.1.0"
HOME = "https://fleetgen.dev"
API_VERSION = "fleetgen/v1"
