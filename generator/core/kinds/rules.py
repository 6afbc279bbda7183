"""Kinds of findings: rules."""

from generator.core.finding import Kind, Severity
