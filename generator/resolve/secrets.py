"""A secret by reference, in the form each world asks for: an environment variable and a key of a Kubernetes secret."""

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import get_args

from generator.catalog import reader
from generator.core.errors import BugError
from generator.core.finding import Finding, Path, Severity, path_text
from generator.core.kinds import rules as kinds
from generator.core.plan import SecretRef, SecretUse
from generator.core.secret_role import MADE, OWN, SecretRole
from generator.core.spec import Fleet, Gateway, Secret, walk

_VARIABLE = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_DIGITS = 8

_ORDER = get_args(SecretRole)
Use = tuple[Path, SecretRole, Secret]


class Secrets:
    """The secrets of a fleet in both forms; no two of them become one.

    `{env: X}` is key X of the secret `<fleet>-env`, and that key is `{env: X}`. `{secret: {name: a-b, key: c}}` is the
    variable `A_B_C`; where another reference would have that variable too, it gets a digest of name and key.
    """

    def __init__(self, fleet: Fleet, intact: Callable[[Path], bool] = lambda path: True) -> None:
        self._fleet = fleet
        uses = [use for use in _uses(fleet, intact) if use[2].env or use[2].secret]
        self.uses = sorted(uses, key=lambda use: (_ORDER.index(use[1]), path_text(use[0])))
        self._refs = _named({_entry(fleet.name, secret) for _, _, secret in self.uses}, fleet.name)

    def ref(self, secret: Secret) -> SecretRef:
        """Both forms of a secret of the fleet.

        Raises:
            BugError: the fleet has no such secret, or it has neither form, which validation reports before.
        """
        if secret.env is None and secret.secret is None:
            raise BugError("a secret names neither an environment variable nor a Kubernetes secret")
        entry = _entry(self._fleet.name, secret)
        if entry not in self._refs:
            raise BugError(f"the fleet has no reference to {'/'.join(entry)}")
        return self._refs[entry]

    def master_key(self, gateway: str) -> SecretRef:
        """The key of a gateway's administrator, which has a name where the spec gives none."""
        return self.ref(_master_key(self._fleet, gateway))

    def endpoint_key(self, cluster: str) -> SecretRef | None:
        """The key that the engines of a cluster ask for and its callers send."""
        endpoint = self._fleet.clusters[cluster].endpoint
        return self.ref(endpoint.key) if endpoint and endpoint.key else None


def _uses(fleet: Fleet, intact: Callable[[Path], bool]) -> Iterator[Use]:
    yield from walk.secrets(fleet)
    for name, gateway in fleet.gateways.items():
        if gateway.master_key is None and intact(("gateways", name)):
            yield ("gateways", name, "masterKey"), "administrator", _master_key(fleet, name)


def _master_key(fleet: Fleet, gateway: str) -> Secret:
    spec = fleet.gateways[gateway]
    return spec.master_key or Secret(env=reader.gateway(spec.kind).master_key)


def _entry(fleet: str, secret: Secret) -> tuple[str, str]:
    """The Kubernetes secret and its key."""
    if secret.secret is not None:
        return secret.secret.name, secret.secret.key
    return f"{fleet}-env", secret.env or ""


def _named(entries: Iterable[tuple[str, str]], fleet: str) -> Mapping[tuple[str, str], SecretRef]:
    """Each entry with a variable of its own, whatever the order of the entries."""
    written = {entry for entry in entries if entry[0] == f"{fleet}-env" and _VARIABLE.fullmatch(entry[1])}
    taken = {key for _, key in written}
    by_name: dict[str, list[tuple[str, str]]] = defaultdict(list)
    for entry in sorted(set(entries) - written):
        by_name[_variable("_".join(entry))].append(entry)
    refs = {entry: SecretRef(entry[1], *entry) for entry in written}
    unclear = []
    for name, group in by_name.items():
        if len(group) == 1 and name not in taken:
            taken.add(name)
            refs[group[0]] = SecretRef(name, *group[0])
        else:
            unclear += [(name, entry) for entry in group]
    for name, entry in unclear:
        variable = _with_digest(name, entry, taken)
        taken.add(variable)
        refs[entry] = SecretRef(variable, *entry)
    return refs


def _with_digest(name: str, entry: tuple[str, str], taken: set[str]) -> str:
    import hashlib  # brings OpenSSL, for the few names that meet

    digest = hashlib.sha256("/".join(entry).encode()).hexdigest().upper()
    lengths = range(_DIGITS, len(digest) + 1)
    return next(text for text in (f"{name}_{digest[:length]}" for length in lengths) if text not in taken)


def _variable(text: str) -> str:
    name = re.sub(r"[^A-Za-z0-9]", "_", text).upper()
    return f"_{name}" if name[0].isdigit() else name


def uses_of(secrets: Secrets, fleet: Fleet) -> Mapping[SecretRef, tuple[SecretUse, ...]]:
    """What whoever creates the secrets is told of each."""
    uses: dict[SecretRef, dict[SecretUse, None]] = defaultdict(dict)
    for path, role, secret in secrets.uses:
        prefix = _prefix(fleet, path, role) if role in MADE else ""
        use = SecretUse(_purpose(path, role), role, path, _form(role, prefix), prefix)
        uses[secrets.ref(secret)][use] = None
    return {ref: tuple(uses[ref]) for ref in sorted(uses, key=lambda ref: ref.env)}


def _purpose(path: Path, role: SecretRole) -> str:
    owner = path[1] if len(path) > 1 else ""
    model = "" if path[0] == "defaults" else f" of {path_text(path[:-2])}"
    return {
        "token": f"Hugging Face token{model}",
        "variable": f"variable {path[-1]}{model}",
        "provider": f"key for provider {owner}",
        "endpoint": f"key that the engines of {owner} ask for",
        "proxy": "URL of the proxy" if path[0] == "network" else f"URL of the proxy of {owner}",
        "tenant": f"key of tenant {owner}",
        "administrator": f"key of the administrator of gateway {owner}",
        "database": f"URL of the Postgres of gateway {owner}",
    }[role]


def _form(role: SecretRole, prefix: str) -> str:
    """What its value looks like, where that is ours to say: a key is as good as it is long and random."""
    if role == "database":
        return "postgresql://USER:PASSWORD@HOST:5432/NAME"
    if role == "proxy":
        return "http://USER:PASSWORD@HOST:3128, with what is special in both written as in URLs (%40 for @)"
    if role in MADE:
        random = "openssl rand -hex 32"
        return f"as `{f'echo {prefix}$({random})' if prefix else random}` prints one"
    return ""


def _prefix(fleet: Fleet, path: Path, role: SecretRole) -> str:
    """What the gateways that are called with this key want it to begin with."""
    name = str(path[1])
    gateways = [spec for key, spec in fleet.gateways.items() if _admits(key, spec, role, name)]
    return next(filter(None, (reader.gateway(spec.kind).key_prefix for spec in gateways)), "")


def _admits(gateway: str, spec: Gateway, role: SecretRole, name: str) -> bool:
    """Whether the gateway lets the holder in; an engine has no gateway's keys."""
    if role == "tenant":
        return name in (spec.tenants or (name,))
    return role == "administrator" and gateway == name


_ROLES: Mapping[SecretRole, str] = {
    "token": "the token for weights",
    "variable": "a variable of a container",
    "provider": "the key that a provider is sent",
    "endpoint": "the key that engines ask for",
    "proxy": "the URL of a proxy",
    "tenant": "a tenant's key",
    "administrator": "the key of a gateway's administrator",
    "database": "the URL of a database",
}


def shared(secrets: Secrets) -> Iterator[Finding]:
    """A finding for each use of a secret that gives its holder what was another's."""
    firsts: dict[SecretRef, dict[str, tuple[Path, SecretRole]]] = defaultdict(dict)
    for path, role, secret in secrets.uses:
        others = firsts[secrets.ref(secret)]
        bearer = "/".join(map(str, path[:2])) if role == "tenant" else role
        for other, (place, other_role) in others.items():
            if other != bearer and not OWN.isdisjoint((role, other_role)):
                yield _shared(path, role, place, other_role, secrets.ref(secret).env)
                break
        others.setdefault(bearer, (path, role))


def _shared(path: Path, role: SecretRole, other: Path, other_role: SecretRole, variable: str) -> Finding:
    tenants = role == other_role
    return kinds.SECRET_IN_TWO_ROLES.at(
        path,
        f"{path_text(path)} is the same secret as {path_text(other)}, {variable}",
        cause="both are tenants' keys, and a gateway cannot tell who calls"
        if tenants
        else f"it is {_ROLES[other_role]} and {_ROLES[role]}: who is given one has the other as well",
        help="give each a secret of its own",
        on_key=role == "administrator",
        # What an engine does with a variable is not known.
        severity=Severity.WARNING if "variable" in (role, other_role) else None,
    )
