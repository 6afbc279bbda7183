"""Fixtures of the unit tests."""

from tests.gen_command import gen

__all__ = ["gen"]
