"""Runners: the real gateways, started on what is rendered for them."""
