"""Verbs and flags; each verb builds its options and leaves."""
