"""Fleetgen: one fleet spec in, reviewed infrastructure out."""

__version__ = "0.1.0"
API_VERSION = "fleetgen/v1"
