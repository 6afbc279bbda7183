"""LiteLLM's proxy: one configuration."""
