"""What a literal secret looks like, and what names one. By known forms and names, never by guess at a value."""

import re
from collections.abc import Iterable
from functools import lru_cache

from generator.core.frozen import frozen

Part = tuple[int, int]
"""Where a secret begins in a text, and where it ends."""

MASK = "***"
"""What stands for a secret in words. In a line of a file stars of the same length do: columns are facts about it."""

_STARTS_WORD = r"(?<![A-Za-z0-9_-])"
_PREFIXES = (
    "sk-ant-", "sk-proj-", "sk-", "sk_live_", "rk_live_", "hf_", "ghp_", "gho_", "ghs_", "ghu_", "ghr_", "github_pat_",
    "glpat-", "AKIA", "ASIA", "xoxb-", "xoxp-", "xoxa-", "xoxr-", "xoxs-", "xapp-", "AIza", "ya29.", "nvapi-", "gsk_",
    "r8_", "pplx-", "dop_v1_", "npm_", "pypi-", "tgp_v1_", "xai-", "fw_", "csk-", "dckr_pat_", "hvs.", "glsa_",
    "GOCSPX-",
)  # fmt: skip
_KNOWN = re.compile(rf"{_STARTS_WORD}(?:{'|'.join(map(re.escape, _PREFIXES))})([A-Za-z0-9_\-.]{{8,}})")
_WEB_TOKEN = re.compile(rf"{_STARTS_WORD}eyJ([A-Za-z0-9_\-]{{8,}}(?:\.[A-Za-z0-9_\-]*){{1,4}})")
_PRIVATE_KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY(?:-----)?((?:(?!-----END)[\s\S])*)")
# A password may hold `@` and `/`, so it reaches to the last `@`; a user without one may be the secret.
_IN_URL = re.compile(r"://(?:([^\s/:@\"'<>?#]*:[^\s\"'<>]+)@|([^\s/:@\"'<>?#]+)@)")
_WEBHOOK = re.compile(r"://hooks\.slack\.com/(?:services|workflows)/([^\s\"'<>]+)")
# A login as it is hidden, spaces and all that it should not hold included.
_LOGIN = re.compile(r"://([^\"']+)@")
# Of a key that is shown in a line: whatever follows the prefix, though no key looks like it.
_LOOSE = re.compile(rf"{_STARTS_WORD}(?:{'|'.join(map(re.escape, _PREFIXES))}|eyJ)([^\s\"']{{6,}})")
_SURE_LOGIN = re.compile(r"(?<![^\s\"'=,])(?!mailto:)[\w.+-]+:(?!//)([^\s@\"'/]+)@(?!sha256:)[\w-]+(?:\.[\w-]+)+")
_FORMS = (_KNOWN, _WEB_TOKEN, _PRIVATE_KEY, _IN_URL, _WEBHOOK, _SURE_LOGIN)
# What a text without any of these need not be searched for.
_CLUE = re.compile(rf"[=:@\s]|eyJ|PRIVATE KEY|{'|'.join(map(re.escape, _PREFIXES))}")
_CLUE_OF_FORMS = re.compile("|".join(map(re.escape, (*_PREFIXES, "eyJ", "@", "PRIVATE KEY", "hooks.slack"))))

_SCHEME = re.compile(r"\b(?:Bearer|Basic|Token|Digest|ApiKey)\s+([^\s\"',;]{6,})", re.IGNORECASE)
_BARE_LOGIN = re.compile(r"(?<![^\s\"'=,])[\w.+-]+:(?!//)([^\s@\"']+)@(?!sha256:)[\w.-]+")
# `--hf-token X`, `HF_TOKEN=X`, `?sig=X`, `token: X`, `"password": "X"`: the name is judged, the rest is its value.
_ASSIGNED = re.compile(
    r"(?<![\w.$/@-])(-{0,2}[A-Za-z_][\w.-]*)[\"']?(\s*[=:]\s*|(?<=[\w\"'])\s+)"
    r"(\"[^\"]*\"?|'[^']*'?|[^\s\"'][^\"']*?(?=\s+-{1,2}[A-Za-z]|\s+[A-Za-z_][\w.-]*=|\s*[\"']|\s*$))"
)
_COLON_FORGOTTEN = re.compile(r"\s*([A-Za-z_][\w.-]*)\s+(\S+)\s*")
_IN_QUERY = frozenset({"sig", "code", "key", "auth", "jwt", "sid", "session", "secret", "xamzcredential"})

_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
# Names that count or mark tokens, or say where a key is or what it sorts.
_COUNTING = frozenset(
    (
        "max", "min", "num", "first", "last", "per", "time", "count", "total", "limit", "budget", "batched",
        "pad", "eos", "bos", "unk", "sep", "stop", "start", "begin", "end", "special", "new", "input", "output",
        "prompt", "completion", "context", "image", "audio", "think", "thinking", "reasoning", "skip", "ignore",
        "draft", "speculative", "allowed", "added", "response", "trust",
    )
)  # fmt: skip
_OF_KEYS = frozenset(
    (
        "public", "topology", "cache", "sort", "partition", "primary", "foreign", "label", "taint", "row",
        "group", "map", "dict", "index", "routing", "hash", "host", "known", "object", "state",
    )
)  # fmt: skip
_CERTAIN = re.compile(
    r".*(?:token|apikeys?|secrets?|passwords?|passwd|passphrase|secretkey|privatekey|masterkey|signingkey|encryptionkey|"
    r"secretaccesskey|credentials?|authorization|connectionstring|clientsecret)|pwd|.*dbpass"
)
_POSSIBLE = re.compile(
    r".*(?:keys?|tokens|pwd|passcode|creds?|cookies?|salt|dsn|bearer|signature|jwt|databaseurl|databaseuri|dburl|dburi|"
    r"database|redisurl|mongourl|mongouri|mongodburi|connstr|connection|webhook|webhookurl|license|sessionid|certificate)"
)
_POSSIBLE_WORDS = frozenset({"pass", "auth", "pat", "otp", "pin", "sas", "sig", "key", "keys", "pw", "session"})
_REFERENCE = re.compile(r"\$\{[A-Za-z_][A-Za-z0-9_]*\}|\$\([A-Za-z_][A-Za-z0-9_]*\)|\$[A-Z][A-Z0-9]*(?:_[A-Z0-9]+)+")
_HARMLESS = re.compile(r"|~|null|none|true|false|yes|no|on|off", re.IGNORECASE)
_QUANTITY = re.compile(r"[-+]?[0-9][0-9_]{0,8}(?:\.[0-9]{1,6})?(?:%|ms|[smhd]|[kKMGT]i?B?)?")

_GRAM = 12
_EXACT, _ANYWHERE = 4, 8  # shorter texts count in backticks alone; then as words; then wherever they stand


def holds_key(text: str) -> bool:
    """Whether a text of any kind holds what can be nothing but a secret: a known key, a login, a private key."""
    return bool(_CLUE_OF_FORMS.search(text)) and any(_found(form, text) for form in _FORMS)


def holds_secret(text: str) -> bool:
    """Whether a text certainly holds a secret: a known key, a login in an address, a private key, a named value."""
    if holds_key(text):
        return True
    return ("=" in text or ": " in text or "--" in text) and any(
        names_secret(name) and not _is_nothing(text[start:end]) for name, (start, end) in _assigned(text)
    )


def names_secret(name: str) -> bool:
    """Whether what is called so certainly holds a secret: `HF_TOKEN`, `api-key`, `clientSecret`."""
    return not _counts(name) and _CERTAIN.fullmatch(_squeezed(name)) is not None


@lru_cache(4096)
def may_name_secret(name: str) -> bool:
    """Whether what is called so may hold a secret: also `key`, `auth`, `cookie`, `DATABASE_URL`."""
    if names_secret(name):
        return True
    words = [word.lower() for word in _WORD.findall(name)]
    if not words or _counts(name) or (words[-1] in ("key", "keys") and _OF_KEYS & set(words)):
        return False
    return words[-1] in _POSSIBLE_WORDS or (
        _POSSIBLE.fullmatch(_squeezed(name)) is not None and not words[-1].endswith("monkey")
    )


def is_reference(text: str) -> bool:
    """Whether a text only names the variable that holds a secret, so that it may be shown: `${HF_TOKEN}`."""
    return _REFERENCE.fullmatch(text) is not None


def is_harmless(text: str) -> bool:
    """Whether a plain text is a constant that tells nothing: nothing at all, `true`, a reference."""
    return _HARMLESS.fullmatch(text) is not None or is_reference(text)


def is_quantity(text: str) -> bool:
    """Whether a text is a number of usual size, with or without its unit: `8192`, `2s`, `40Gi`."""
    return _QUANTITY.fullmatch(text) is not None


def flag_of_secret(text: str) -> bool:
    """Whether a text is an option of a command line whose value, the next text, is a secret: `--api-key`."""
    return re.fullmatch(r"--?[A-Za-z][\w.-]*", text) is not None and may_name_secret(text)


def parts(text: str) -> list[Part]:
    """Where secrets stand in a text, merged and in order: known forms, headers, logins, and values with a name."""
    if not _CLUE.search(text):
        return []
    found = [span for form in _FORMS for span in _found(form, text)]
    found += [part for form in (_LOOSE, _LOGIN, _SCHEME, _BARE_LOGIN) for part in _found(form, text)]
    for name, part in _assigned(text):
        value = text[part[0] : part[1]]
        queried = text[: part[0]].rstrip()[-1:] == "=" and _squeezed(name) in _IN_QUERY
        if (may_name_secret(name) or queried) and not is_harmless(value) and not _is_nothing(value):
            found.append(part)
    if (match := _COLON_FORGOTTEN.fullmatch(text)) and names_secret(match[1]):
        found.append(match.span(2))
    return merged(found)


def certain_parts(text: str) -> list[Part]:
    """Where secrets stand for certain in a line of a rendered file, whose references are as its program writes them."""
    found = [span for form in _FORMS for span in _found(form, text)]
    for name, (start, end) in _assigned(text):
        value = text[start:end].rstrip()
        if names_secret(name) and not is_harmless(value) and not value.startswith(("os.environ/", "$", "{", "/")):
            found.append((start, start + len(value)))
    return merged(found)


def merged(found: Iterable[Part]) -> list[Part]:
    """Parts in order, those that meet made one."""
    result: list[Part] = []
    for start, end in sorted(found):
        if result and start <= result[-1][1]:
            result[-1] = (result[-1][0], max(end, result[-1][1]))
        elif start < end:
            result.append((start, end))
    return result


def starred(text: str, found: Iterable[Part]) -> str:
    """The text with these parts as stars; its length stays."""
    for start, end in found:
        text = text[:start] + "*" * (end - start) + text[end:]
    return text


@frozen
class Words:
    """Texts that are never repeated in words, whole or in part; `grams` are their pieces of twelve characters."""

    exact: re.Pattern[str] | None
    grams: frozenset[str]
    beginnings: frozenset[str]

    def hide(self, text: str) -> str:
        """The words with every such text, and every known form of a secret, replaced by `***`."""
        found = [part for form in _FORMS for part in _found(form, text)]
        if self.exact:
            found += [match.span() for match in self.exact.finditer(text)]
        small = text.casefold()
        if self.grams and len(small) == len(text):
            found += [(at, at + _GRAM) for at in range(len(text) - _GRAM + 1) if small[at : at + _GRAM] in self.grams]
            for cut in re.finditer(r"\.\.\.", text):
                found += self._begun(small, cut.start())
        for start, end in reversed(merged(found)):
            text = text[:start] + MASK + text[end:]
        return text

    def repeated(self, text: str) -> list[Part]:
        """Where such a text stands whole, and is long enough to be no accident."""
        found = self.exact.finditer(text) if self.exact else ()
        return [match.span() for match in found if len(match[0]) >= _ANYWHERE]

    def _begun(self, text: str, end: int) -> list[Part]:
        """The beginning of such a text, where words were cut off."""
        sizes = range(min(_GRAM, end), 2, -1)
        return [(end - size, end) for size in sizes if text[end - size : end] in self.beginnings]


def words(texts: Iterable[str]) -> Words:
    """What hides these texts."""
    exact: list[str] = []
    grams: set[str] = set()
    beginnings: set[str] = set()
    spellings = {spelling for written in texts for spelling in _spellings(written)}
    for text in sorted(spellings, key=len, reverse=True):
        quoted, small = re.escape(text), text.casefold()
        if len(text) < _EXACT:
            exact.append(rf"(?<=`){quoted}(?=`)")
        elif len(text) < _ANYWHERE:
            exact.append(rf"(?<![A-Za-z0-9]){quoted}(?![A-Za-z0-9])")
        else:
            exact.append(quoted)
        grams.update(small[at : at + _GRAM] for at in range(len(small) - _GRAM + 1))
        beginnings.update(small[:size] for size in range(3, min(_GRAM, len(small)) + 1))
    pattern = re.compile("|".join(exact), re.IGNORECASE) if exact else None
    return Words(pattern, frozenset(grams), frozenset(beginnings))


def _spellings(text: str) -> set[str]:
    """The text itself, its lines, and how it looks in quotes."""
    forms = {text, text.strip(), repr(text)[1:-1], *(line.strip() for line in text.splitlines())}
    return {form for form in forms if form.strip()}


def _found(form: re.Pattern[str], text: str) -> list[Part]:
    return [match.span(match.lastindex or 0) for match in form.finditer(text)]


def _assigned(text: str) -> Iterable[tuple[str, Part]]:
    """Names and where their values stand; a value without its quotes, and without the scheme of a header."""
    at = 0
    while match := _ASSIGNED.search(text, at):
        name, between = match[1], match[2]
        if between.strip() or (name.startswith("-") and not match[3].startswith("-")):
            start, end = match.span(3)
            if match[3][:1] in "\"'":
                start, end = start + 1, end - (len(match[3]) > 1 and match[3][-1] == match[3][0])
            elif text[match.start() - 1 : match.start()] in ("?", "&") and "&" in match[3][1:]:
                end = start + match[3].index("&", 1)
            yield name, (start, end)
        # The value may be a name itself: `-H token: X`.
        at = match.end(1)


def _is_nothing(value: str) -> bool:
    """Whether this is no value after all: nothing, a reference or a template, the rest of an address."""
    return not value or is_reference(value) or value.startswith(("{{", "//"))


def _squeezed(name: str) -> str:
    return re.sub(r"[^a-z0-9]", "", name.lower())


def _counts(name: str) -> bool:
    return bool(_COUNTING & {word.lower() for word in _WORD.findall(name)})
