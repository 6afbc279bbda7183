"""Kinds of findings about what was written, across fields: references, names, ranges, routes, secrets, platforms."""

from generator.core.finding import Kind, Severity

_ERROR, _WARNING, _INFO = Severity.ERROR, Severity.WARNING, Severity.INFO
_REFERENCE = (
    "A reference that leads nowhere would leave a part of the fleet out: a model that is never deployed, a route with "
    "one backend fewer. The finding lists the names that exist."
)

UNKNOWN_CLUSTER = Kind("GEN201", "unknown-cluster", _ERROR, "A cluster that does not exist", _REFERENCE)
UNKNOWN_POOL = Kind("GEN202", "unknown-pool", _ERROR, "A pool that its cluster does not have", _REFERENCE)
UNKNOWN_MODEL = Kind("GEN203", "unknown-model", _ERROR, "A model that this fleet does not serve", _REFERENCE)
UNKNOWN_PLACEMENT = Kind("GEN204", "unknown-placement", _ERROR, "A placement that its model does not have", _REFERENCE)
UNKNOWN_PROVIDER = Kind("GEN205", "unknown-provider", _ERROR, "A provider that does not exist", _REFERENCE)
UNKNOWN_ROUTE = Kind("GEN206", "unknown-route", _ERROR, "A route that does not exist", _REFERENCE)
UNKNOWN_TENANT = Kind("GEN207", "unknown-tenant", _ERROR, "A tenant that does not exist", _REFERENCE)

NO_LABEL = Kind(
    "GEN210",
    "no-dns-label",
    _ERROR,
    "A name that is not a DNS label",
    "Names become folders, services, releases, node groups and label values. Only a DNS label is accepted by all of "
    "them: small letters, digits and `-`, a letter or digit at both ends (models and placements together form a "
    "service, so a model begins with a letter). This also keeps a name from leaving the output folder.",
)
ROUTE_NAME = Kind(
    "GEN211",
    "route-name",
    _ERROR,
    "A route's name that clients or gateways would misread",
    "The name is what clients send as `model`. Gateways read `*` as a pattern, and spaces or quotes get lost in "
    "headers. Use letters, digits, `.`, `_`, `-`, `:` and `/`, beginning with a letter or digit.",
)
TOO_LONG = Kind(
    "GEN212",
    "name-too-long",
    _ERROR,
    "A name that makes another one too long",
    "Kubernetes limits a service's name to 63 characters, and what belongs to it is named after it: KEDA's autoscaler "
    "puts `keda-hpa-` before it. A longer name is refused at install, or cut so that two become one.",
)
SAME_PUBLIC_NAME = Kind(
    "GEN213",
    "same-public-name",
    _ERROR,
    "Two routes whose names can hardly be told apart",
    "The names differ only in case or in `.`, `_`, `-`. Clients, dashboards and metric labels mix them up, and calls "
    "reach the wrong model without an error. Rename one.",
)
SAME_SERVICE = Kind(
    "GEN214",
    "same-service-name",
    _ERROR,
    "Two placements with the same service name in one cluster",
    "A service is called `<model>-<placement>`, so `a-b` with `c` meets `a` with `b-c`. The second would overwrite "
    "the first. Rename a placement.",
)
VLLM_SERVICE = Kind(
    "GEN215",
    "vllm-service-name",
    _ERROR,
    "A service whose variables vLLM takes for its own",
    "For every Service Kubernetes puts variables into the pods of its namespace: a Service `vllm` gives "
    "`VLLM_PORT=tcp://...`, which vLLM reads as its port and stops. `vllm-dp-master` and a few more do the same with "
    "other ports. Our own pods turn these variables off, those of others in the namespace may not. Longer names that "
    "merely begin with `vllm-` are harmless.",
)
SOURCE_PATH = Kind(
    "GEN216",
    "source-path",
    _ERROR,
    "A place of weights in the wrong form: a URL, a relative path, a path that climbs",
    "A repository of the hub is `owner/name`: engines take a URL for the name of a folder. A `path` is mounted from "
    "the host. A relative one means another folder for every tool, and one with `..` can reach what was never meant to "
    "be mounted.",
)

MIN_OVER_MAX = Kind(
    "GEN220",
    "min-over-max",
    _ERROR,
    "A minimum above its maximum",
    "Clusters and clouds refuse such a range when it is applied; until then the smaller number would silently win.",
)
ZERO_WEIGHTS = Kind(
    "GEN221",
    "zero-weights",
    _ERROR,
    "A tier whose weights are all zero",
    "No backend of the tier would ever be chosen; depending on the gateway the calls fail, or are spread evenly. "
    "Remove the tier, or give one backend a weight.",
)
TOTAL_TIMEOUT = Kind(
    "GEN222",
    "total-timeout",
    _ERROR,
    "A total timeout below first token plus idle",
    "The total ends calls that keep to all other limits: a model that takes its allowed time for the first token is "
    "cut off before it may pause once. Under load that is every long answer.",
)
NO_TIME = Kind(
    "GEN223",
    "no-time",
    _ERROR,
    "A timeout of zero",
    "Some gateways read zero as `at once`, others as `never`. Give a time; leave the key out for the default.",
)
SCALE_TO_ZERO = Kind(
    "GEN224",
    "scale-to-zero",
    _ERROR,
    "Scaling to zero is not supported yet",
    "Replicas are scaled on what the engine reports, and an engine with no replica reports nothing: the first call "
    "would find no backend, and nothing would ever start one.",
)
DOCKER_RANGE = Kind(
    "GEN225",
    "replicas-on-docker",
    _ERROR,
    "A range of replicas on a docker cluster",
    "Nothing on a docker host starts or stops replicas with the load. Give a fixed number.",
)

UNUSED_POOL = Kind(
    "GEN230",
    "unused-pool",
    _WARNING,
    "A pool that no placement uses",
    "Its nodes cost money, as far as `min` is above zero, and serve nobody. Often a placement names another pool by "
    "mistake.",
)
UNROUTED = Kind(
    "GEN231",
    "unrouted-model",
    _WARNING,
    "A model or placement that no route reaches",
    "It is deployed and holds its GPUs, but no call comes to it through a gateway. Add it to a route, or remove it.",
)
UNSERVED_ROUTE = Kind(
    "GEN232",
    "unserved-route",
    _WARNING,
    "A route that no gateway serves",
    "It appears in no deployed file, so clients that ask for it get an error. Add it to a gateway's `routes`, or "
    "leave that list out.",
)

FALLBACK_LOOP = Kind(
    "GEN240",
    "fallback-loop",
    _ERROR,
    "A chain of fallbacks that reaches itself",
    "When all backends are down, such a call would go round until its time is up, and multiply the load on what is "
    "left.",
)
BACKEND_TWICE = Kind(
    "GEN241",
    "backend-twice",
    _ERROR,
    "The same backend twice on a call's way",
    "A fallback to the backend that has just failed costs the caller its whole timeout once more, and the backend its "
    "worst hour. A model without a placement means all of its placements.",
)
PLACEMENT_OF_PROVIDER = Kind(
    "GEN242",
    "placement-of-provider",
    _ERROR,
    "A backend with both a placement and a provider",
    "Placements are where models of this fleet run; a provider's model has none. Keep the one that is meant.",
)
PROVIDER_URL = Kind(
    "GEN243",
    "provider-without-url",
    _ERROR,
    "An OpenAI-compatible provider without its URL",
    "Without a URL the gateway would call the default of its library, which is OpenAI, and send it the other "
    "provider's key.",
)
PROVIDER_KEY = Kind(
    "GEN286",
    "provider-without-key",
    _ERROR,
    "A provider that answers nobody without a key",
    "OpenAI and Anthropic refuse every call without a key, so each call of a route that reaches them would fail, or be "
    "sent with a key that the gateway's library finds in its environment.",
)
NO_ENDPOINT = Kind(
    "GEN244",
    "cluster-without-endpoint",
    _ERROR,
    "A backend in another cluster that has no endpoint",
    "Service names end at the border of a cluster. A gateway elsewhere needs an address that leads in; without one "
    "the backend would always fail, and every call pay for a fallback.",
)
ENDPOINT_PLACEHOLDER = Kind(
    "GEN245",
    "endpoint-placeholder",
    _ERROR,
    "An unknown placeholder in an endpoint's URL",
    "Only `{service}` and `{port}` are filled in. Anything else would stay in the address as it stands.",
)

LITERAL_SECRET = Kind(
    "GEN250",
    "literal-secret",
    _ERROR,
    "A secret stands in the spec",
    "The spec and all that is rendered from it is committed, so a value in it is known to everyone who can read the "
    "repository, and stays in its history. Refer to it by `{env: NAME}` or `{secret: {name: ..., key: ...}}`, and "
    "revoke a value that was committed. Values are found by the prefixes of known keys and by the names of the "
    "fields, never by guessing.",
)
ONE_SECRET = Kind(
    "GEN251",
    "one-secret-reference",
    _ERROR,
    "A secret needs exactly one of `env` and `secret`",
    "With both, two places would have to hold the same value; with neither there is nothing to read.",
)
SECRET_IN_TWO_ROLES = Kind(
    "GEN285",
    "secret-in-two-roles",
    _ERROR,
    "One secret is two things",
    "Who knows a secret is taken for its holder. A key that two tenants have leaves it to the order of a table whose "
    "limits and budget a call counts for; a tenant's key that is also a provider's is sent to that provider; one "
    "that is also the administrator's opens everything. On Kubernetes `{env: NAME}` is key NAME of the secret "
    "`<fleet>-env`, so the two ways of writing that are one secret.",
)
ONE_SOURCE = Kind(
    "GEN252",
    "one-source",
    _ERROR,
    "A source needs exactly one place",
    "Weights come from one of `huggingface`, `path`, `pvc`, `s3` and `ollama`. With two, an engine would load one of "
    "them and nobody could say which.",
)
NO_SOURCE = Kind(
    "GEN253",
    "no-source",
    _ERROR,
    "A model without weights",
    "Neither the placement, nor its model, nor `defaults` says where the weights come from.",
)
NO_ENGINE = Kind(
    "GEN254",
    "no-engine",
    _ERROR,
    "A model without an engine",
    "Neither the placement, nor its model, nor `defaults` names an engine. There is no default: engines differ in "
    "what they can load.",
)

CONFIG_FILE = Kind(
    "GEN255",
    "config-file",
    _ERROR,
    "A model's `config.json` that cannot be read",
    "`source.config` names a file by its path from the folder of the spec. Without it nothing is known of the model, "
    "so its memory, start-up time and limits would silently be guessed. Commit the file beside the spec, or remove the "
    "key.",
)
CONFIG_LACKS = Kind(
    "GEN256",
    "config-not-understood",
    _ERROR,
    "A model's `config.json` that says too little",
    "The dimensions of a model follow from fields of its configuration: layers, heads, widths, vocabulary, experts. "
    "Where one is missing the model would be sized by a guess. Complete the field from the model's own repository, or "
    "name a model of the same architecture as `source.base` instead. Without both the model is served, not checked.",
)
UNKNOWN_BASE = Kind(
    "GEN257",
    "unknown-base",
    _ERROR,
    "A base that the catalogue does not know",
    "`source.base` lends the architecture of a model of the catalogue to weights that the catalogue does not know. "
    "`gen catalog list models` prints the names.",
)
DESCRIBED_TWICE = Kind(
    "GEN258",
    "described-twice",
    _ERROR,
    "An architecture from two places",
    "`source.config` and `source.base` both say what the model is made of, and nobody could say which one is right.",
)
WEIGHTS_IMPLAUSIBLE = Kind(
    "GEN259",
    "weights-implausible",
    _WARNING,
    "A size of the weights that the parameters do not explain",
    "Memory, start-up time and cache follow from `source.weights`. A size far from what the parameters take in the "
    "format of the weights is mostly that of one file out of many, or of two formats in one repository. It is taken "
    "as written.",
)

ACCEPTS_UNKNOWN = Kind(
    "GEN276",
    "accepts-unknown",
    _ERROR,
    "An accepted finding that no spec can have",
    "`accept` names findings by their ids. One that does not exist accepts nothing, and neither does one of another "
    "command: what `gen preflight` finds is of a cloud, and what `gen render` finds on the disk of a folder.",
)
ACCEPTS_NOTHING = Kind(
    "GEN277",
    "accepts-nothing",
    _WARNING,
    "An accepted finding that is not found",
    "Nothing with this id is found at this place: it was corrected, or it moved. Left there it would hide the next one "
    "of its kind. Remove the entry; what only some environments have is accepted with `environments`.",
)
ACCEPTS_ERROR = Kind(
    "GEN278",
    "accepts-error",
    _WARNING,
    "An error that cannot be accepted",
    "Warnings and notes can be accepted, and errors that are a forecast of what the files will meet, as this page says "
    "beside each. Other errors mean that a file cannot be written, or not as it was meant: they stay.",
)

FLOATING_VERSION = Kind(
    "GEN260",
    "floating-version",
    _ERROR,
    "`latest` as a version or tag, `main` as a revision",
    "The same spec would start other software or weights tomorrow: two replicas of one placement can differ, and going "
    "back is impossible. Name a version, or pin a digest or a commit.",
)
WEIGHTS_NOT_PINNED = Kind(
    "GEN279",
    "weights-not-pinned",
    _INFO,
    "Weights that may change between two starts",
    "Without a commit as `revision` an engine downloads what the repository holds on the day it starts, and a branch "
    "or tag can be moved: a replica that starts next month may answer otherwise than its neighbours, by other weights "
    "or another chat template, and going back is impossible. Pin the commit that was tested.",
)

PORT_CLASH = Kind(
    "GEN270",
    "host-port-clash",
    _ERROR,
    "A host port claimed twice",
    "A port of a docker host belongs to one container. The second fails to start, and which is second changes from "
    "run to run.",
)
NO_EFFECT = Kind(
    "GEN271",
    "placement-setting-without-effect",
    _WARNING,
    "A setting that has no effect on this platform",
    "It reads as if it did something, but no file changes with it: Docker schedules nothing by labels, and Kubernetes "
    "publishes no host ports. Remove it, or move it to a placement where it counts.",
)
OPEN_SERVER = Kind(
    "GEN287",
    "open-model-server",
    _WARNING,
    "A model server that anybody on the network can use",
    "On a docker host, `bind` says on which of its addresses ports are published. With any but a loopback address "
    "whoever reaches the host reaches the engine: its GPU, and in some engines the calls that load and delete models. "
    "A gateway asks for keys; an engine asks for one only where the cluster's `endpoint` has a `key`.",
)
UNKNOWN_PROVIDER_MODEL = Kind(
    "GEN273",
    "unknown-provider-model",
    _INFO,
    "A provider's model that the catalogue does not know",
    "The catalogue holds the models of OpenAI and Anthropic with context and price. One that it does not know is "
    "called all the same: it may be new, private, or misspelt, and the last is found out by the first call that falls "
    "back to it. `gen catalog list provider-models` prints what is known. Providers with an address of their own are "
    "not asked.",
)
