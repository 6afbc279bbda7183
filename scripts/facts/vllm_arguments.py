"""The arguments of `vllm serve` and their kinds, by following the functions that declare them."""

import ast
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from scripts.facts.vllm_sources import Found, SourceError, Sources

Kind = str | list[str]

ENGINE = "vllm.engine.arg_utils"
FRONT = ("vllm.entrypoints.common.cli_args", "vllm.entrypoints.launchers.cli_args", "vllm.entrypoints.openai.cli_args")
_PLAIN = ("bool", "int", "float", "str", "dict", "list", "tuple", "set")
_WRAPPERS = ("Annotated", "SkipValidation", "SkipJsonSchema", "ClassVar", "InitVar")
_ORDER = (
    ("dataclass", "json"),
    ("bool", "boolean"),
    ("Literal", "choices"),
    ("list", "list"),
    ("tuple", "list"),
    ("set", "list"),
    ("int", "integer"),
    ("float", "number"),
)
_EXPLICIT = {"int": "integer", "float": "number", "str": "text", "bool": "text", "json.loads": "json"}
_ACTIONS = {"store_true": "switch", "store_false": "switch", "append": "repeated"}


@dataclass
class Argument:
    """What the catalogue keeps of an argument. A default that is no number, truth or text counts as none."""

    kind: Kind = "text"
    default: bool | int | float | str | None = None


@dataclass
class Hint:
    """The members of a type's union: plain names, and the values of a Literal among them."""

    names: set[str] = field(default_factory=set)
    values: list[str] = field(default_factory=list)

    def add(self, other: "Hint") -> None:
        """Take the members of another union in."""
        self.names |= other.names
        self.values += other.values


Options = dict[str, Argument]
Scope = dict[str, Options | Argument]


class Reader:
    """Follows `make_arg_parser` and what it calls, as far as they say which arguments there are."""

    def __init__(self, sources: Sources) -> None:
        self._sources = sources
        self._sizes = _sizes(sources)
        self.arguments: Options = {}

    def read(self) -> Options:
        """All arguments without dashes."""
        module = self._sources.first(*FRONT)
        start = self._sources.definition(module, "make_arg_parser")
        assert isinstance(start.node, ast.FunctionDef)
        self._body(start.module, start.node.body, {}, None)
        return self.arguments

    def _body(self, module: str, body: list[ast.stmt], scope: Scope, cls: Found | None) -> None:
        for node in body:
            if isinstance(node, ast.If):
                self._body(module, node.body, scope, cls)
            elif isinstance(node, ast.For):
                self._loop(module, node, scope, cls)
            elif isinstance(node, ast.Assign):
                self._assign(module, node, scope, cls)
            elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                self._call(module, node.value, scope, cls)

    def _loop(self, module: str, node: ast.For, scope: Scope, cls: Found | None) -> None:
        """`for key, value in kwargs.items()` declares them all; a list that is written out declares its names."""
        text = ast.unparse(node.iter)
        if text.endswith(".items()"):
            options = scope.get(text.removesuffix(".items()"))
            assert isinstance(options, dict)
            self.arguments.update({name.replace("_", "-"): option for name, option in options.items()})
        elif isinstance(node.iter, ast.List):
            for name, kind in (row.elts for row in node.iter.elts if isinstance(row, ast.Tuple)):
                self.arguments[ast.literal_eval(name).removeprefix("--")] = Argument(_EXPLICIT[ast.unparse(kind)])

    def _assign(self, module: str, node: ast.Assign, scope: Scope, cls: Found | None) -> None:
        target, text = node.targets[0], ast.unparse(node.value)
        if isinstance(target, ast.Name) and "_customize_cli_kwargs" in text:
            self._customize(scope[target.id], cls)
        elif isinstance(node.value, ast.Call) and text.endswith(".add_cli_args(parser)"):
            self._follow(module, text.partition(".")[0], cls)
        elif isinstance(target, ast.Name):
            made = self._options(module, node.value, scope, cls)
            if made is not None:
                scope[target.id] = made
        elif isinstance(target, ast.Subscript) and isinstance(target.slice, ast.Constant):
            option = self._options(module, target.value, scope, cls)
            if isinstance(option, Argument):
                self._explicit(module, option, str(target.slice.value), node.value)

    def _options(self, module: str, node: ast.expr, scope: Scope, cls: Found | None) -> Options | Argument | None:
        """What an expression stands for: the options of a config class, one of them, or nothing of interest."""
        match node:
            case ast.Call(func=ast.Name(id="get_kwargs"), args=[ast.Name(id=name)]):
                owner = cls if name == "cls" else self._sources.definition(module, name)
                assert owner is not None
                return self._fields(owner)
            case ast.Name(id=name):
                return scope.get(name)
            case ast.Subscript(value=value, slice=ast.Constant(value=str(key))):
                options = self._options(module, value, scope, cls)
                return options.get(key) if isinstance(options, dict) else None
            case ast.Dict(keys=[None, *_], values=[first, *_]):
                return self._options(module, first, scope, cls)
        return None

    def _customize(self, options: Options | Argument, cls: Found | None) -> None:
        """`_customize_cli_kwargs` of each class, the bases' before the class's own."""
        assert cls is not None
        for owner in self._sources.lineage(cls):
            for node in getattr(owner.node, "body", ()):
                if isinstance(node, ast.FunctionDef) and node.name == "_customize_cli_kwargs":
                    plain = [item for item in node.body if "super()" not in ast.unparse(item)]
                    self._body(owner.module, plain, {node.args.args[-1].arg: options}, owner)

    def _follow(self, module: str, name: str, cls: Found | None) -> None:
        owner = cls if name == "cls" else self._sources.definition(module, name)
        assert owner is not None
        method = self._sources.method(owner, "add_cli_args")
        if method is None:
            raise SourceError(f"{name} has no add_cli_args")
        self._body(method[0].module, method[1].body, {}, owner)

    def _call(self, module: str, call: ast.Call, scope: Scope, cls: Found | None) -> None:
        function = call.func
        if not isinstance(function, ast.Attribute):
            return
        if function.attr == "remove" and isinstance(function.value, ast.Subscript):
            option = self._options(module, function.value.value, scope, cls)
            if isinstance(option, Argument) and isinstance(option.kind, list):
                removed = str(self._constant(module, call.args[0]))
                option.kind = [value for value in option.kind if value != removed]
        elif function.attr == "add_argument":
            names = [a.value for a in call.args if isinstance(a, ast.Constant) and str(a.value).startswith("--")]
            option = self._declared(module, call, scope, cls)
            self.arguments.update({str(name).removeprefix("--"): option for name in names})

    def _declared(self, module: str, call: ast.Call, scope: Scope, cls: Found | None) -> Argument:
        option = Argument()
        for keyword in call.keywords:
            if keyword.arg is not None:
                self._explicit(module, option, keyword.arg, keyword.value)
                continue
            found = self._options(module, keyword.value, scope, cls)
            if not isinstance(found, Argument):
                raise SourceError(f"`{ast.unparse(call)[:80]}`: its options were not found")
            option = Argument(found.kind, found.default)
            if isinstance(keyword.value, ast.Dict):
                for key, value in list(zip(keyword.value.keys, keyword.value.values, strict=True))[1:]:
                    self._explicit(module, option, ast.literal_eval(key) if key else "", value)
        return option

    def _explicit(self, module: str, option: Argument, name: str, value: ast.expr) -> None:
        """A keyword of `add_argument` that stands beside or over what the field says."""
        text = ast.unparse(value).removeprefix("optional_type(").removesuffix(")")
        if name == "action" and text.endswith("BooleanOptionalAction"):
            option.kind = "boolean"
        elif name == "action" and isinstance(value, ast.Constant):
            option.kind = _ACTIONS[str(value.value)]
        elif name == "type" and not isinstance(option.kind, list) and option.kind not in {"list", "repeated"}:
            option.kind = _EXPLICIT.get(text, option.kind)
        elif name == "type" and text == "json.loads":
            option.kind = "json"
        elif name == "choices":
            option.kind = self._choices(module, value)
        elif name == "default":
            option.default = self._constant(module, value)

    def _choices(self, module: str, value: ast.expr) -> Kind:
        """The choices that are written out or stand in an alias; any text where the machine has a say in them."""
        if isinstance(value, ast.List | ast.Tuple):
            return sorted(str(ast.literal_eval(item)) for item in value.elts)
        if isinstance(value, ast.Call) and ast.unparse(value.func) == "get_args":
            return sorted(self.hint(module, value.args[0]).values)
        return "text"

    def _fields(self, cls: Found) -> Options:
        """The fields of a config class, those of its bases too."""
        fields: Options = {}
        for owner in self._sources.lineage(cls):
            for node in getattr(owner.node, "body", ()):
                if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
                    name, hint = node.target.id, self.hint(owner.module, node.annotation)
                    default = self._constant(owner.module, node.value) if node.value else None
                    fields[name] = Argument(_kind(name, hint, self._sizes), default)
        return fields

    def hint(self, module: str, node: ast.expr) -> Hint:
        """The members of an annotation, in the words that decide an argument's kind."""
        match node:
            case ast.BinOp(left=left, right=right):
                hint = self.hint(module, left)
                hint.add(self.hint(module, right))
                return hint
            case ast.Constant(value=None):
                return Hint({"None"})
            case ast.Constant(value=str(text)):
                return self.hint(module, ast.parse(text, mode="eval").body)
            case ast.Subscript(value=value, slice=inner):
                return self._generic(module, ast.unparse(value).rpartition(".")[2], inner)
            case ast.Name(id=name):
                return self._named(module, name)
        return Hint({"other"})

    def _generic(self, module: str, name: str, inner: ast.expr) -> Hint:
        parts = inner.elts if isinstance(inner, ast.Tuple) else [inner]
        if name in _WRAPPERS:
            return self.hint(module, parts[0])
        if name == "Literal":
            values = [
                value
                for part in parts
                for value in ([str(part.value)] if isinstance(part, ast.Constant) else self.hint(module, part).values)
            ]
            return Hint({"Literal"}, values)
        if name in {"list", "tuple", "set"}:
            # Of a list of choices one is taken: no more is ever needed, and others would go unchecked.
            element = self.hint(module, parts[0])
            return element if element.names == {"Literal"} else Hint({"list"})
        return Hint({"dict" if name in {"dict", "Mapping"} else "other"})

    def _named(self, module: str, name: str) -> Hint:
        if name in _PLAIN:
            return Hint({name})
        found = self._sources.find(module, name)
        if found is None:
            return Hint({"other"})
        if isinstance(found.node, ast.ClassDef):
            return Hint({"dataclass" if found.node.decorator_list else "other"})
        value = getattr(found.node, "value", None)
        return self.hint(found.module, value) if isinstance(value, ast.expr) else Hint({"other"})

    def _constant(self, module: str, node: ast.expr) -> bool | int | float | str | None:
        """A number, truth or text, written out, in a `Field`, or as the field of another class."""
        if isinstance(node, ast.Call) and ast.unparse(node.func).endswith("Field"):
            given = {keyword.arg: keyword.value for keyword in node.keywords}
            return self._constant(module, given["default"]) if "default" in given else None
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name):
            owner = self._sources.find(module, node.value.id)
            fields = self._fields(owner) if owner and isinstance(owner.node, ast.ClassDef) else {}
            return fields[node.attr].default if node.attr in fields else None
        if isinstance(node, ast.Name) and (found := self._sources.find(module, node.id)):
            value = getattr(found.node, "value", None)
            return self._constant(found.module, value) if isinstance(value, ast.Constant) else None
        try:
            value = ast.literal_eval(node)
        except ValueError:
            return None
        return value if isinstance(value, bool | int | float | str) else None


def _sizes(sources: Sources) -> frozenset[str]:
    """The fields that take `32K` beside plain integers: the names that vLLM asks for before it chooses that type."""
    tree = sources.tree(ENGINE)
    if tree is None:
        raise SourceError(f"{ENGINE} is not there")
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]).startswith("human_readable_int"):
            names |= ast.literal_eval(node.value)
        elif isinstance(node, ast.If) and "= human_readable_int" in ast.unparse(node.body[0]):
            test = node.test
            if isinstance(test, ast.Compare) and not isinstance(test.comparators[0], ast.Name):
                given = ast.literal_eval(test.comparators[0])
                names |= {given} if isinstance(given, str) else set(given)
    if "max_num_batched_tokens" not in names:
        raise SourceError(f"{ENGINE} does not say which arguments take sizes")
    return frozenset(names)


def _kind(name: str, hint: Hint, sizes: frozenset[str]) -> Kind:
    """The kind of a field; the order of the questions is that of vLLM's `get_kwargs`."""
    plain = hint.names - {"None"}
    kind = next((kind for word, kind in _ORDER if word in plain), "json" if plain == {"dict"} else "text")
    if kind == "choices":
        return "text" if "str" in plain else sorted(set(hint.values))
    if kind == "boolean" and "str" in plain:
        return "text"
    return "size" if kind == "integer" and name in sizes else kind


def registered(sources: Sources) -> Mapping[str, list[str]]:
    """The values of arguments that are typed as plain text because plugins may register more."""
    reader = Reader(sources)
    aliases = {
        "quantization": ("vllm.model_executor.layers.quantization", "QuantizationMethods"),
        "load-format": ("vllm.model_executor.model_loader", "LoadFormats"),
        "kv-cache-dtype": ("vllm.config.cache", "CacheDType"),
    }
    tables = {
        "tool-call-parser": (
            ("vllm.tool_parsers", "vllm.entrypoints.openai.tool_parsers"),
            "_TOOL_PARSERS_TO_REGISTER",
        ),
        "reasoning-parser": (("vllm.reasoning",), "_REASONING_PARSERS_TO_REGISTER"),
    }
    found = {
        name: sorted(set(reader.hint(module, ast.Name(alias)).values)) for name, (module, alias) in aliases.items()
    }
    found |= {name: sorted(sources.value(sources.first(*modules), table)) for name, (modules, table) in tables.items()}
    for name, values in found.items():
        if not values:
            raise SourceError(f"the values of {name} were not found")
    return found


def arguments(sources: Sources) -> Iterator[tuple[str, Argument]]:
    """All arguments of `vllm serve`, by name, with the values that plugins could add to as far as vLLM has them."""
    known = registered(sources)
    for name, argument in sorted(Reader(sources).read().items()):
        yield name, Argument(known.get(name, argument.kind), argument.default)
