"""Kinds of findings: routing."""

from generator.core.finding import Kind, Severity

GATEWAY_VERSION_REFUSED = Kind(
    "GEN340",
    "gateway-version-refused",
    Severity.ERROR,
    "This version of the gateway must not run",
    "A gateway holds every provider key of the fleet. Some published versions are known to leak what they hold, so no"
    " files are written for them. Name another version, best the one that the catalogue was checked with; when such a"
    " version ever ran, replace the keys it had.",
)
GATEWAY_VERSION_UNCHECKED = Kind(
    "GEN341",
    "gateway-version-unchecked",
    Severity.INFO,
    "The catalogue was not checked with this version of the gateway",
    "Gateways add, rename and drop settings between versions and ignore what they do not know without a word. The "
    "files are written as the checked version reads them. Run the gateway's own check on the rendered file before "
    "using it, or leave `version` out.",
)
TENANTS_NEED_DATABASE = Kind(
    "GEN342",
    "tenants-need-database",
    Severity.ERROR,
    "Tenants need a database behind the gateway",
    "The gateway keeps the keys of tenants, their routes and their limits in a database. Without one only its master "
    "key opens it, and whoever holds that key may do everything. Give the gateway `database`, or take the tenants off"
    " it.",
)
CANNOT_HONOUR = Kind(
    "GEN343",
    "gateway-cannot-honour",
    Severity.WARNING,
    "The gateway cannot do what is written",
    "The spec asks for a behaviour that the chosen gateway does not have. The rendered files are valid, but calls "
    "will behave otherwise than written, mostly when something is already wrong. docs/gateways.md lists what each "
    "gateway can do. Remove the value, or live with what the finding says happens instead.",
)
APPROXIMATED = Kind(
    "GEN344",
    "gateway-approximates",
    Severity.INFO,
    "The gateway does this only nearly as the route table says",
    "The gateway has a setting that comes close to what the route asks for, and the finding says where the two "
    "differ. Nothing has to be changed, so `gen explain` tells it of the gateway and the route, and no check does. "
    "docs/gateways.md lists all differences.",
    aside=True,
)
ENDPOINT_PORT_UNPUBLISHED = Kind(
    "GEN345",
    "endpoint-port-unpublished",
    Severity.ERROR,
    "The endpoint names a port that is not published",
    "On a docker host `{port}` of an endpoint is the placement's host port. A placement without `hostPort` cannot be "
    "reached from outside its host, so a gateway elsewhere would call a closed port. Give the placement a `hostPort`,"
    " or leave `{port}` out when something in front of the host finds the service.",
)
ENDPOINT_AMBIGUOUS = Kind(
    "GEN346",
    "endpoint-ambiguous",
    Severity.WARNING,
    "One endpoint address stands for several services",
    "A gateway in another cluster would reach several services under the same address, and only a proxy that reads "
    "the model name could tell them apart. Put `{service}` or `{port}` into the endpoint's `url`.",
)
TENANT_WITHOUT_ROUTE = Kind(
    "GEN347",
    "tenant-without-route",
    Severity.WARNING,
    "The gateway serves none of the tenant's routes",
    "The gateway admits a tenant whose routes it does not serve. No key is written for that tenant, since a key "
    "without routes would open all of them. Add a route to the gateway or take the tenant off it.",
)
MIXED_TASKS = Kind(
    "GEN348",
    "route-mixes-tasks",
    Severity.ERROR,
    "A route mixes models of different tasks",
    "Chat, embedding and reranking models answer different calls. A fallback from one to the other fails every time "
    "it is needed. Give each task a route of its own.",
)
TASK_ASSUMED = Kind(
    "GEN281",
    "task-assumed",
    Severity.WARNING,
    "A route whose task nobody said",
    "Callers send embeddings and rerankings to other paths than chats, and a gateway opens those of the route's task "
    "alone. A route to models of providers of which the catalogue knows nothing is taken for chat. Say its `task`.",
)
PROVIDER_TASK = Kind(
    "GEN282",
    "provider-of-another-task",
    Severity.ERROR,
    "A provider's model that does not answer the calls of its route",
    "A model for chats answers no embeddings, and some APIs have no path for them at all: Anthropic's has neither "
    "embeddings nor rerankings, OpenAI's has no rerankings. Each call that reaches it would fail, mostly when the "
    "tiers before it have. Take it off the route, or name a model for the task.",
)
CONTEXT_RULE_TOO_SMALL = Kind(
    "GEN349",
    "context-rule-too-small",
    Severity.WARNING,
    "Long prompts are sent where they do not fit",
    "The context rule moves prompts over a limit to backends whose own context is no longer than that limit, so they "
    "are refused there. Use a model with a longer context, or lower `over`.",
)
CONTEXT_RULE_TOO_LATE = Kind(
    "GEN350",
    "context-rule-too-late",
    Severity.WARNING,
    "Prompts outgrow the first tier before the context rule moves them",
    "The first tier's context is smaller than the rule's `over`, so prompts between the two are sent to the first "
    "tier and refused by it. Lower `over` to the smallest context of the first tier.",
)
API_NOT_SPOKEN = Kind(
    "GEN351",
    "gateway-cannot-translate",
    Severity.ERROR,
    "The gateway cannot speak the API of a backend",
    "Some gateways pass a call on as it came, with another host, key and model name, but do not turn it into the words "
    "of another API. A backend without an OpenAI-compatible path for the task would answer every such call with an "
    "error, which is found only when the tiers before it fail. Take the backend off the route or use a gateway that "
    "translates.",
)
GATEWAY_SETTING_IDLE = Kind(
    "GEN352",
    "gateway-setting-without-effect",
    Severity.WARNING,
    "A setting that gateways of this kind do not have",
    "It reads as if it did something, but no file changes with it. Remove it, or choose a kind of gateway that has it.",
)
BUDGET_WITHOUT_PRICE = Kind(
    "GEN354",
    "budget-without-price",
    Severity.WARNING,
    "A budget that some calls do not count in",
    "A budget adds up what calls cost at list price. Calls to a model without a price in the catalogue are added as "
    "nothing, so a tenant may spend far more than is written.",
)
GATEWAY_CANNOT_HOLD = Kind(
    "GEN353",
    "gateway-cannot-hold",
    Severity.ERROR,
    "The files of this kind of gateway have no place for it",
    "A gateway of kind `envoy-gateway` is a set of Kubernetes objects. Their definitions bound what one route can "
    "hold, their controllers refuse or mistreat some of what the definitions allow, and a docker host has no "
    "controllers at all. The cluster would take the objects or refuse them late, and calls would fail. Change what is "
    "named, or choose another kind of gateway.",
)
TIER_UNREACHABLE = Kind(
    "GEN355",
    "tier-unreachable",
    Severity.WARNING,
    "No call reaches the further tiers",
    "A call moves to the next tier on what `fallbackOn` names. With an empty list the first tier's failure is the "
    "caller's answer, and the others are never asked. Name the causes, or remove the tiers.",
)
TOTAL_TOO_SHORT = Kind(
    "GEN356",
    "total-too-short",
    Severity.WARNING,
    "A call can time out before its last backend is asked",
    "Each backend may be silent until `firstToken`; then the next one is asked. When all of these together, with the "
    "retries and waits of the last tier, are longer than `total`, the last backends are there in vain just when "
    "everything before them hangs. Raise `total`, or lower `firstToken` or `retries.max`.",
)
UNLIKE_BACKENDS = Kind(
    "GEN357",
    "unlike-backends",
    Severity.WARNING,
    "Models that are no substitutes for each other share calls",
    "Backends of one tier answer the same calls by turns. With different tokenizers the same prompt has another "
    "length in each, so limits and bills jump from call to call; where only one of them reads images, some calls fail. "
    "Between tiers that may be wanted, since only failures move on.",
)
PRICE_MISSING = Kind(
    "GEN358",
    "price-missing",
    Severity.WARNING,
    "A rule of cost compares a model without a price",
    "`choose: cheapest` asks backends by list price. One that the catalogue has no price of is asked after all others, "
    "which may be wrong. Put it into a tier of its own.",
)
ROUTE_SETTING_IDLE = Kind(
    "GEN359",
    "route-setting-without-effect",
    Severity.WARNING,
    "A setting of a route or tenant that changes no call",
    "It reads as if it did something, but every call takes the same way with and without it: backends that stick "
    "where there is one only, weights of a route that the tenant may not call, a budget that nothing is counted in.",
)
ONE_WAY_IN = Kind(
    "GEN398",
    "one-way-in",
    Severity.ERROR,
    "A gateway that is exposed in no way or in two",
    "`expose` names the host, and one way to it: an Ingress or a Gateway of the Gateway API. With neither nothing "
    "would be written for it, and with both two controllers would answer for one host, each with its own limits.",
)
EXPOSED_WITHOUT_TLS = Kind(
    "GEN397",
    "exposed-without-tls",
    Severity.INFO,
    "A gateway that is exposed without a certificate",
    "Callers prove who they are by a key in a header. Without TLS whoever sees the traffic has the key. Name the "
    "secret of the host's certificate, which a certificate manager can keep fresh, or end TLS at a load balancer "
    "before the ingress controller.",
)
INGRESS_LIMITS_UNKNOWN = Kind(
    "GEN399",
    "ingress-limits-unknown",
    Severity.WARNING,
    "An ingress controller whose limits may cut long answers",
    "Ingress controllers end calls after some time, by default often 30 or 60 seconds, and some collect a stream "
    "before they pass it on. For the classes that gen knows it writes annotations that let answers take as long as the "
    "routes say. For others their own defaults hold, unless you set them: a timeout of at least the longest `total`, "
    "and no buffering of answers.",
)
