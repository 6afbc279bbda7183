"""Why a placement is as it is: one decision for each value that somebody may ask about. Made when they are read."""

from collections.abc import Iterator

from generator.catalog import reader
from generator.core.plan import FILES_FOLDER, Autoscaling, Decision, Rollout
from generator.core.tasks import generates
from generator.resolve.placements import scaling
from generator.resolve.placements.candidate import Candidate
from generator.resolve.placements.numbers import Numbers
from generator.resolve.placements.sized import Sized
from generator.resolve.placements.surroundings import Surroundings
from generator.sizing.estimate import Estimate
from generator.sizing.throughput import Speed
from generator.sizing.weights import FULL


def decisions(
    item: Candidate, surroundings: Surroundings, scale: Autoscaling | None, rollout: Rollout
) -> Iterator[Decision]:
    """All of them, in the order in which they are told."""
    numbers, version = surroundings.numbers, surroundings.numbers.described.version
    settings, written = item.settings, item.settings.written
    facts = reader.release(settings.engine, version)
    engine = "given" if "engine.version" in written else "the catalogue's newest"
    engine += f"; checked as {facts.like}" if facts and facts.like else ""
    yield Decision("engine", f"{settings.engine} {version}", engine, item.at("engine"))
    if item.pool and facts and facts.driver:
        why = f"the image holds CUDA {facts.cuda}" if facts.cuda else "its documentation"
        if facts.older_variable:
            older = f"it has libraries for drivers from {facts.older_driver} on"
            why += f"; {older}, used where the pool's `driver` says so, and not on GeForce cards"
        yield Decision("driver", f"NVIDIA's {facts.driver} or newer", why, (*item.path, "pool"))
    yield from _numbers(item, numbers)
    split = "given" if "tensor_parallel" in written else "the default"
    yield Decision("tensorParallel", str(settings.tensor_parallel), split, item.at("tensor_parallel"))
    yield from _surroundings(item, surroundings)
    yield from _files(item, numbers)
    yield from scaling.decisions(item, scale, rollout, numbers.at_once)


def _numbers(item: Candidate, numbers: Numbers) -> Iterator[Decision]:
    """Why the numbers are what they are, and what memory and speed they come to."""
    yield Decision("context", str(numbers.context.value), numbers.context.why, item.at("context"))
    yield from _longest(item, numbers)
    yield Decision("concurrency", str(numbers.concurrency.value), numbers.concurrency.why, item.at("concurrency"))
    yield Decision("quantization", numbers.quantization.value, numbers.quantization.why, item.at("quantization"))
    sized = numbers.sized
    if sized is None:
        if item.pool:
            yield Decision("memory", "not judged", numbers.unsized, item.path)
        return
    if sized.question.number > FULL:
        given = "given" if sized.question.dtype else "the GPU and the model leave no type of 16 bit"
        yield Decision("dtype", "float32", given, item.at("args.dtype"))
    if numbers.utilization:
        yield Decision("utilization", f"{numbers.utilization:g}", sized.whys["utilization"], item.at("engine"))
    if numbers.batched_tokens:
        why = sized.whys["max_num_batched_tokens"]
        yield Decision("batchedTokens", str(numbers.batched_tokens), why, item.at("engine"))
    yield _memory(item, numbers, sized)
    if generates(numbers.described.task) and sized.loaded:
        yield _speed(item, sized, sized.loaded)


def _longest(item: Candidate, numbers: Numbers) -> Iterator[Decision]:
    """The longest context, where it is not the model's own."""
    reach = numbers.described.reach
    if reach and reach.unchecked:
        yield Decision("longestContext", "any", f"`{reach.unchecked}` takes the check away", item.path)
    elif reach and reach.by:
        engine = f"{numbers.described.engine.title} {numbers.described.version}"
        why = f"what {engine} derives with this `{reach.by}`"
        yield Decision("longestContext", str(reach.tokens), why, item.at(f"args.{reach.by}"))


def _memory(item: Candidate, numbers: Numbers, sized: Sized) -> Decision:
    memory, server = sized.budget, numbers.described.server
    taken = " - ".join(f"{term.estimate.value:.2f} {term.name}" for term in memory.terms)
    why = f"{memory.usable.estimate.value:.2f} GiB usable - {taken} = {_range(memory.kv_available)} GiB for the cache"
    further = server.arguments.uncounted(item.settings.args) if server else []
    if further:
        why += f"; not counted is what {' and '.join(f'`{name}`' for name in further)} needs"
    return Decision("memory", f"{sized.verdict.kind}: {sized.verdict.reason}", why, item.path)


def _speed(item: Candidate, sized: Sized, speed: Speed) -> Decision:
    load = f"{sized.load.prompt:.0f} + {sized.load.answer:.0f} tokens"
    value = f"{speed.output_tokens_per_s.value:.0f} tokens/s, {speed.tpot_ms.value:.0f} ms each"
    why = (
        f"estimate for requests of {load}, {speed.why}: {_range(speed.output_tokens_per_s, 0)} tokens/s, "
        f"{_range(speed.tpot_ms, 0)} ms a token, first after {_range(speed.ttft_ms, 0)} ms"
    )
    return Decision("speed", value, why, item.path)


def _files(item: Candidate, numbers: Numbers) -> Iterator[Decision]:
    """What of the spec's folder the container has, by size alone: the bytes are nobody's to print."""
    for name, held in numbers.described.files.items():
        why = "shipped by the spec; another content of it restarts the server"
        yield Decision(f"files.{name}", f"{FILES_FOLDER}/{name}, {len(held)} bytes", why, item.at(f"files.{name}"))


def _range(estimate: Estimate, digits: int = 2) -> str:
    return f"{estimate.value:.{digits}f} ({estimate.low:.{digits}f} to {estimate.high:.{digits}f})"


def _surroundings(item: Candidate, surroundings: Surroundings) -> Iterator[Decision]:
    source = item.at("source")
    decided = (
        ("startup", f"{surroundings.timing.startup_s} s", source),
        ("shutdown", f"{surroundings.shutdown.grace_s} s", item.path),
        ("cache", f"{surroundings.cache_gib:g} GiB", source),
        ("sharedWeights", f"{surroundings.shared.size_gib:g} GiB" if surroundings.shared else "", source),
        ("sharedMemory", f"{surroundings.shm_gib:g} GiB", item.at("tensor_parallel")),
        ("hostMemory", f"{surroundings.resources.memory_gib:g} GiB", item.at("resources")),
        ("disk", f"{surroundings.resources.disk_gib:g} GiB", source),
    )
    for name, value, path in decided:
        if name in surroundings.whys:
            yield Decision(name, value, surroundings.whys[name], path)
