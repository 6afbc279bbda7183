"""What a spec says of weights that the catalogue does not know: a configuration that says enough, a known base."""

import json
from collections.abc import Iterator

from generator.catalog import hf_config, names, reader
from generator.catalog.architecture import Architecture
from generator.core.finding import Finding, Path
from generator.core.kinds import rules as kinds
from generator.core.spec import Fleet, walk
from generator.core.units import gib
from generator.core.words import suggestion
from generator.validate.words import shown

_LEAST_BYTES, _MOST_BYTES = 0.25, 4.5
"""Of a parameter, averaged over a file: the smallest formats of GGUF, and 32 bit with something beside."""


def wrong_descriptions(fleet: Fleet) -> Iterator[Finding]:
    """Each description gives an architecture, one only, whose parameters the size of the weights can hold."""
    for owner, settings in walk.settings(fleet):
        source, path = settings.source, (*owner, "source")
        if source is None or (source.config is None and source.base is None):
            continue
        if source.config is not None and source.base is not None:
            yield kinds.DESCRIBED_TWICE.at(
                (*path, "base"),
                "`config` and `base` both describe the architecture",
                cause=f"the configuration has its own, and so has {shown(source.base)}",
                help="keep `config` where you have the file, else `base`",
            )
            continue
        described = _config(path, source.config) if source.config is not None else _base(path, str(source.base))
        if isinstance(described, Finding):
            yield described
        elif source.weights is not None:
            yield from _weights((*path, "weights"), source.weights, described)


def _config(path: Path, config: str) -> Architecture | Finding:
    read = hf_config.read(json.loads(config))
    if not isinstance(read, hf_config.Unreadable):
        return read
    return kinds.CONFIG_LACKS.at(
        (*path, "config"), "the model's configuration says too little", cause=read.reason, help=_cure(read)
    )


def _cure(read: hf_config.Unreadable) -> str:
    add = (
        f"add {' and '.join(f'`{name}`' for name in read.fields[:2])} as the model's repository has it, or "
        if read.fields
        else ""
    )
    return f"{add}name a model of the same architecture as `base`; without both the model is served, not checked"


def _base(path: Path, name: str) -> Architecture | Finding:
    known = reader.models()
    ids = names.model(name, known)
    if len(ids) > 1:
        cause, help_ = f"{len(ids)} models go by this name", f"write one of {', '.join(f'`{id}`' for id in ids)}"
    elif not ids:
        cause, help_ = f"the catalogue has {len(known)} models, none of this name", _near(name)
    elif (architecture := known[ids[0]].architecture) is not None:
        return architecture
    else:
        cause = known[ids[0]].notes or "its dimensions are not published"
        help_ = "name another model of the same architecture, or describe it with `config`"
    return kinds.UNKNOWN_BASE.at((*path, "base"), f"{shown(name)} gives no architecture", cause=cause, help=help_)


def _near(name: str) -> str:
    known = reader.models()
    near = names.near(name, known)
    if not near:
        return suggestion(name, known, "models")
    return f"did you mean {' or '.join(f'`{id}`' for id in near)}? `gen catalog list models` prints all"


def _weights(path: Path, size: str, architecture: Architecture) -> Iterator[Finding]:
    each = gib(size) * 2**30 / (architecture.params_b * 1e9)
    if not _LEAST_BYTES <= each <= _MOST_BYTES:
        right = [f"{architecture.params_b * 1e9 * bytes_ / 2**30:.3g}Gi" for bytes_ in (0.55, 2)]
        yield kinds.WEIGHTS_IMPLAUSIBLE.at(
            path,
            f"{size} of weights for {architecture.params_b:g}e9 parameters",
            cause=f"that is {each:.2g} bytes a parameter; formats take {_LEAST_BYTES:g} to {_MOST_BYTES:g}",
            help=f"add up all files of the weights: about {right[0]} in 4 bit, {right[1]} in 16 bit",
        )
