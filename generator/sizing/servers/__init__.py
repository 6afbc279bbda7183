"""Servers: what the model of memory and speed knows of each engine. One that is not here is not judged."""

SERVERS = {
    "vllm": "generator.sizing.servers.vllm:VLLM",
    "tgi": "generator.sizing.servers.tgi:TGI",
    "ollama": "generator.sizing.servers.ollama:OLLAMA",
}
DEFAULT = next(iter(SERVERS))
"""The engine that is meant where a question names none."""
