"""Kinds of findings: engines."""

from generator.core.finding import Kind, Severity
