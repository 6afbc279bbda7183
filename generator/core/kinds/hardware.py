"""Kinds of findings about the machine under a model: its CPUs, its driver, and memory that others have as well."""

from generator.core.finding import Kind, Severity

IMAGE_ARCHITECTURE = Kind(
    "GEN610",
    "image-of-another-architecture",
    Severity.ERROR,
    "Image that is not built for the machine's CPUs",
    "GH200, GB200, GB300 and GB10 (DGX Spark) have arm64 CPUs, and so have some rented machines. An image that is "
    "published for amd64 alone is not pulled there, or ends with `exec format error`; nodes of a machine image for "
    "amd64 cannot be started on them. Use an engine whose image is built for both, or another machine.",
)
DRIVER_TOO_OLD = Kind(
    "GEN611",
    "driver-too-old",
    Severity.ERROR,
    "Driver older than the image's CUDA needs",
    "Each major version of CUDA needs a branch of NVIDIA's driver: 12 needs 525, 13 needs 580. With an older one the "
    "container is refused, or the engine ends at its first call. vLLM's images bring libraries for older drivers, "
    "which cards of data centres can use; gen switches them on where `driver` asks for it. Ollama says nothing and "
    "computes on the CPUs.",
)
SHARE_NOT_FREE = Kind(
    "GEN612",
    "share-of-memory-not-free",
    Severity.WARNING,
    "Share of a GPU's memory that others have already",
    "vLLM compares the free memory with its share when it starts, and ends where less is free. A desktop takes from "
    "the GPU that it is shown by; where CPU and GPU have the same memory (GB10), the system takes from it as well. "
    "Leave the share out, and gen tells one that leaves room, or say by the pool's `reserved` what others take.",
)
HOST_MEMORY_SHORT = Kind(
    "GEN613",
    "host-memory-short",
    Severity.WARNING,
    "Less memory of the host than the replica was reckoned to need",
    "A container is killed where it takes more than its `resources.memory`. The server, a process for each GPU, shared "
    "memory and what arguments keep on the host (`kv-offloading-size`, `cpu-offload-gb`) come to more than is written, "
    "here or by a patch. It is an error where what is pinned at start takes it all: the container is killed.",
)
NOT_COUNTED = Kind(
    "GEN614",
    "memory-not-counted",
    Severity.WARNING,
    "Argument whose memory is not counted",
    "The budget of a GPU knows weights, cache and buffers of the served model. A draft model, adapters or buffers that "
    "an argument adds come on top, so that a model which is said to fit may not. With some arguments, which move "
    "weights or the cache elsewhere, nothing is judged at all; that is told as an info. Measure it, and leave room.",
)
