"""Engines: each turns a decided request into a neutral workload."""

ENGINES = {
    "vllm": "generator.engines.vllm:VLLM",
    "tgi": "generator.engines.tgi:TGI",
    "ollama": "generator.engines.ollama:OLLAMA",
}
