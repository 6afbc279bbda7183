"""Kinds of findings: routing."""

from generator.core.finding import Kind, Severity
