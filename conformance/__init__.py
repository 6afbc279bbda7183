"""Runs the real gateways on rendered files in front of upstreams that misbehave on command, and judges what is seen."""
