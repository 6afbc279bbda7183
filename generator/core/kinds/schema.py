"""Kinds of findings: schema."""

from generator.core.finding import Kind, Severity
