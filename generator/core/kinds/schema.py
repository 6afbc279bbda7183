"""Kinds of findings about the text of a spec (GEN101-119) and about its form (GEN120-139)."""

from generator.core.finding import Kind, Severity

BROKEN_YAML = Kind(
    "GEN101",
    "broken-yaml",
    Severity.ERROR,
    "The file is not YAML",
    "Nothing can be read from here on, so nothing else in the file was judged. Usually a quote, bracket or colon is "
    "missing, or a line is indented differently from its neighbours.",
)
DUPLICATE_KEY = Kind(
    "GEN102",
    "duplicate-key",
    Severity.ERROR,
    "A key is given twice",
    "YAML readers disagree about which of the two counts; most silently drop the first. Someone then edits the one "
    "that does nothing. Keep one of them.",
)
TAB_INDENT = Kind(
    "GEN103",
    "tab-indentation",
    Severity.ERROR,
    "A tab in the indentation",
    "YAML forbids tabs in indentation, because every editor shows them with another width. Use spaces, two for each "
    "level.",
)
MERGE_KEY = Kind(
    "GEN104",
    "merge-key",
    Severity.ERROR,
    "A merge key `<<`",
    "Merge keys are no part of YAML 1.2 and hide where a value comes from. Shared settings belong in `defaults`, "
    "differences between environments into an overlay.",
)
ALIASES_EXPLODE = Kind(
    "GEN105",
    "aliases-explode",
    Severity.ERROR,
    "Aliases that expand to too much",
    "A few lines of nested aliases can describe millions of values and fill a machine's memory. A short alias is "
    "fine; for more, use `defaults` or write the values out.",
)
TOO_LARGE = Kind(
    "GEN106",
    "file-too-large",
    Severity.ERROR,
    "The file is too large",
    "No fleet of ten thousand placements comes near the limit, so this is most likely another file, such as a dump or "
    "a log. It was not read.",
)
TOO_DEEP = Kind(
    "GEN107",
    "nested-too-deep",
    Severity.ERROR,
    "The file is nested too deeply",
    "The format itself needs about ten levels. Such depth is a generated or hostile file, and readers down the line "
    "would run out of stack. It was not read further.",
)
NOT_UTF8 = Kind(
    "GEN108",
    "not-utf-8",
    Severity.ERROR,
    "The file is not UTF-8 text",
    "Guessing the encoding would turn names into other names on other machines. Save the file as UTF-8.",
)
NO_MAPPING = Kind(
    "GEN109",
    "no-mapping",
    Severity.ERROR,
    "The file holds no spec",
    "A spec is a mapping that begins with `apiVersion`. An empty file, a list or a single value describes no fleet; a "
    "render of it would remove every file of the fleet.",
)
TAG = Kind(
    "GEN110",
    "tag",
    Severity.ERROR,
    "A YAML tag",
    "Tags such as `!include` or `!!python/object` ask the reader to run something or to change a type. None is "
    "supported. To have text that looks like a number, put it in quotes.",
)
SEVERAL_DOCUMENTS = Kind(
    "GEN111",
    "several-documents",
    Severity.ERROR,
    "More than one document in the file",
    "Only the first document would count, and the rest would be ignored without a word. Give every fleet its own file.",
)
NOT_FINITE = Kind(
    "GEN112",
    "number-not-finite",
    Severity.ERROR,
    "A number that is infinite or no number",
    "No setting takes infinity, and JSON files, which some of the outputs are, cannot hold it. Leave out a limit that "
    "is not wanted.",
)
KEY_NOT_TEXT = Kind(
    "GEN113",
    "key-not-text",
    Severity.ERROR,
    "A list or mapping as a key",
    "Keys are names. A brace or bracket at this place is usually a template expression that was never filled in.",
)
REMOVES_NOTHING = Kind(
    "GEN114",
    "null-removes-nothing",
    Severity.WARNING,
    "The overlay removes a key that is not there",
    "`null` in an overlay removes a key of the base spec. When there is no such key, it is misspelt or was renamed, "
    "and what should be gone is still there.",
)
NEVER_READ = Kind(
    "GEN115",
    "never-read",
    Severity.ERROR,
    "An overlay that is never read",
    "The environment `default` is the spec without an overlay, so `fleet.default.yaml` would never be read: rename it, "
    "or move its lines into the spec. `fleet.Prod.yaml` and `fleet.prod.yml` are a warning: beside `fleet.yaml` only "
    "`fleet.prod.yaml` is the overlay of `prod`, and `--all-envs` would pass over the others without a word.",
)

UNKNOWN_KEY = Kind(
    "GEN120",
    "unknown-key",
    Severity.ERROR,
    "An unknown key",
    "A misspelt key that was ignored would leave its default in force, and nobody would see it before production "
    "does. So every object takes known keys only.",
)
WRONG_TYPE = Kind(
    "GEN121",
    "wrong-type",
    Severity.ERROR,
    "A value of the wrong type",
    "Text, numbers, lists and mappings are kept apart: `1.10` is the number 1.1, and only `'1.10'` is a version. Put "
    "text that looks like a number in quotes.",
)
MISSING_UNIT = Kind(
    "GEN122",
    "missing-unit",
    Severity.ERROR,
    "A duration or size without a unit",
    "Thirty seconds and thirty minutes look the same without a unit. Durations take `ms`, `s`, `m` or `h`; sizes take "
    "`Mi`, `Gi` or `Ti`, powers of 1024.",
)
NOT_A_CHOICE = Kind(
    "GEN123",
    "not-a-choice",
    Severity.ERROR,
    "A value that is not one of the choices",
    "The finding lists what is supported. Whatever has no renderer is not accepted, so that no part of a fleet is "
    "quietly left out.",
)
OUT_OF_RANGE = Kind(
    "GEN124",
    "out-of-range",
    Severity.ERROR,
    "A number, or a number of entries, outside its range",
    "The limits are wide; a number beyond them is a slip of the keyboard that would be refused later, by an engine, a "
    "cluster or a cloud.",
)
MISSING_KEY = Kind(
    "GEN125",
    "missing-key",
    Severity.ERROR,
    "A required key is missing",
    "There is no safe default for it. Add it; where one entry of a map is incomplete, the rest of the spec is still "
    "judged.",
)
BAD_FORM = Kind(
    "GEN126",
    "bad-form",
    Severity.ERROR,
    "Text of the wrong form",
    "The value would be refused, or read as something else, by the tool it is written for. The finding shows an "
    "example of the right form.",
)
EMPTY = Kind(
    "GEN127",
    "empty",
    Severity.ERROR,
    "Something is empty that may not be",
    "An empty list or text reads as a decision, but nothing can be made of it. Give it a value or leave the key out.",
)
NO_VALUE = Kind(
    "GEN128",
    "no-value",
    Severity.ERROR,
    "A key without a value",
    "An empty value is `null`, which is neither a default nor a removal here. Give it a value, or leave the key out. "
    "Only an overlay may say `null`, to remove a key of the base spec.",
)
FORMAT_VERSION = Kind(
    "GEN129",
    "format-version",
    Severity.ERROR,
    "Another version of the format",
    "The version says how the rest is to be understood. A spec of another version would be read wrongly, not just "
    "partly.",
)
