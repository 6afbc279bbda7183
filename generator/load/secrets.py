"""What a literal secret looks like, and how a line is shown without it. By known prefixes and names, never by guess."""

import re

_STARTS_WORD = r"(?<![A-Za-z0-9_-])"
_PREFIXES = (
    "sk-ant-",
    "sk-proj-",
    "sk-",
    "hf_",
    "ghp_",
    "gho_",
    "ghs_",
    "github_pat_",
    "glpat-",
    "AKIA",
    "ASIA",
    "xoxb-",
    "xoxp-",
    "xapp-",
    "AIza",
    "nvapi-",
)
_KNOWN = re.compile(rf"{_STARTS_WORD}({'|'.join(map(re.escape, _PREFIXES))})([A-Za-z0-9_\-]{{8,}})")
_IN_URL = re.compile(r"(://[^/\s:@]*:)([^/\s@]+)(?=@)")
_PRIVATE_KEY = re.compile(r"(-----BEGIN [A-Z ]*PRIVATE KEY)()")
_PATTERNS = (_KNOWN, _IN_URL, _PRIVATE_KEY)
# What a text without any of these need not be searched for.
_CLUES = (*_PREFIXES, "@", "PRIVATE KEY")

_NAME = r"(?:[A-Za-z0-9_-]*[_-])?(?:token|key|secret|password|passwd|database)|[a-z]+(?:Token|Key|Secret|Password)"
_SECRET_NAME = re.compile(
    r"(?:.*[_-])?(?:token|api[_-]?key|secret|password|passwd|secret[_-]access[_-]key)", re.IGNORECASE
)
_KEY_AND_VALUE = re.compile(
    # `firstToken` is a time.
    rf"(?<![A-Za-z0-9_-])[\"']?(?!firstToken)(?:{_NAME})[\"']?\s*:\s+([\"'](?:[^\"'\\]|\\.)*[\"']?|[^\s{{}}\[\]#,|>][^,}}#]*)",
    re.IGNORECASE,
)
# Keys called `key` that hold no secret: a taint's, a toleration's, a secret's entry, a state's object.
_HARMLESS = re.compile(r"^\s*-\s*\{?\s*key:|\b(?:name|bucket|effect|operator|taints|tolerations):")


def holds_secret(text: str) -> bool:
    """Whether a text contains something with the prefix of a known key, a password in a URL or a private key."""
    return any(clue in text for clue in _CLUES) and any(pattern.search(text) for pattern in _PATTERNS)


def names_secret(name: str) -> bool:
    """Whether a variable or argument of this name is meant to hold a secret (`HF_TOKEN`, `api-key`)."""
    return _SECRET_NAME.fullmatch(name) is not None


def mask(text: str) -> str:
    """The text with every known secret starred out; its length stays, so that columns still fit."""
    for pattern in _PATTERNS:
        text = pattern.sub(lambda match: match[1] + "*" * len(match[2]), text)
    return text


def mask_line(line: str) -> str:
    """A line of a spec as it may be shown: also the values of keys that bear secrets are starred out."""
    if not _HARMLESS.search(line):
        line = _KEY_AND_VALUE.sub(_stars, line)
    return mask(line)


def _stars(match: re.Match[str]) -> str:
    start = match.start(1) - match.start()
    value = match[1].rstrip()
    return match[0][:start] + "*" * len(value) + match[0][start + len(value) :]
