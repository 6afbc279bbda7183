"""Kinds of findings: what the clouds answered to `gen preflight`, or why they did not."""

from generator.core.finding import Kind, Severity

NO_CREDENTIALS = Kind(
    "GEN501",
    "no-credentials",
    Severity.ERROR,
    "There are no credentials for the cloud",
    "gen holds none itself: it uses what the cloud's own tools use, from the environment, a profile, a login or the "
    "machine's identity. Nothing was asked of this account.",
)
CREDENTIALS_REFUSED = Kind(
    "GEN502",
    "credentials-refused",
    Severity.ERROR,
    "The cloud does not accept the credentials",
    "A token has expired, was revoked, or belongs to another place. Log in again; nothing was asked of this account.",
)
DENIED = Kind(
    "GEN503",
    "permission-denied",
    Severity.ERROR,
    "The credentials may not ask this",
    "The cloud knows who asks and refuses this operation, so the check was not made: it has neither passed nor "
    "failed. docs/preflight.md has the smallest policy that answers every question.",
)
THROTTLED = Kind(
    "GEN504",
    "throttled",
    Severity.ERROR,
    "The cloud answers too many requests already",
    "The limit is that of the account and counts all its tools. The question was repeated with pauses, in vain.",
)
NO_ANSWER_IN_TIME = Kind(
    "GEN505",
    "no-answer-in-time",
    Severity.ERROR,
    "The cloud did not answer in time",
    "A check that gets no answer ends with its request's limit or with that of the whole run, whichever comes first. "
    "Often a proxy or a firewall drops what it should refuse.",
)
UNREACHABLE = Kind(
    "GEN506",
    "cloud-unreachable",
    Severity.ERROR,
    "The cloud cannot be reached",
    "No connection came about: no network, no name resolution, a proxy that refuses, or a certificate that is not "
    "trusted. gen render needs no network; only preflight does.",
)
MISSING_EXTRA = Kind(
    "GEN507",
    "missing-extra",
    Severity.ERROR,
    "The cloud's libraries are not installed",
    "They are extras, since rendering needs none of them. Install the one that the finding names into the environment "
    "of gen.",
)
UNEXPECTED_REPLY = Kind(
    "GEN508",
    "unexpected-reply",
    Severity.ERROR,
    "The cloud answered something that gen cannot use",
    "An error of the cloud's own, or a reply that is no answer to what was asked, such as a proxy's login page. The "
    "check was not made.",
)
NO_ACCOUNT = Kind(
    "GEN510",
    "account-missing",
    Severity.ERROR,
    "The project or subscription cannot be used",
    "It does not exist, is disabled, or nobody says which one is meant. On Azure the provider takes the subscription "
    "from the spec or from `ARM_SUBSCRIPTION_ID`, and Terraform stops without one.",
)
NO_REGION = Kind(
    "GEN511",
    "region-closed",
    Severity.ERROR,
    "The region does not exist, or is not open to the account",
    "Newer regions have to be enabled for an account before anything in them answers.",
)
NO_CLUSTER = Kind(
    "GEN512",
    "cluster-missing",
    Severity.ERROR,
    "There is no such cluster",
    "The pools join a cluster that stands already. Terraform finds it by its name in its region, project or resource "
    "group, and stops where it is not there.",
)
CLUSTER_NOT_READY = Kind(
    "GEN513",
    "cluster-not-ready",
    Severity.ERROR,
    "The cluster takes no nodes now",
    "It is being made, changed or deleted, or is broken. Clouds refuse node pools until it is ready again.",
)
TYPE_NOT_OFFERED = Kind(
    "GEN520",
    "type-not-offered",
    Severity.ERROR,
    "The region does not offer the instance type",
    "The cloud says so now, whatever the catalogue knew. The node pool would be refused, or stay without nodes.",
)
TYPE_NOT_IN_ZONES = Kind(
    "GEN521",
    "type-not-in-zones",
    Severity.ERROR,
    "The zones of the pool do not offer the instance type",
    "GPU machines stand in some zones of a region only. GKE and AKS refuse a node pool when one of its zones lacks the "
    "type; on EKS the pool stays without nodes when no subnet lies in a zone that has it.",
)
TYPE_CLOSED = Kind(
    "GEN522",
    "type-closed-to-account",
    Severity.ERROR,
    "The account may not use the instance type here",
    "The region has the type, and it is not open to this subscription. That is no quota: it is opened by a support "
    "request.",
)
QUOTA_TOO_SMALL = Kind(
    "GEN530",
    "quota-too-small",
    Severity.ERROR,
    "The quota is smaller than the pools at their largest",
    "Nodes beyond the quota are refused one by one while the pool grows, and their pods stay pending. New accounts "
    "have no GPU quota at all. It is an error where the first choice of a pool runs short, and a warning where a later "
    "one does. Nodes of the cluster that run already are not counted twice.",
)
QUOTA_UNKNOWN = Kind(
    "GEN531",
    "quota-unknown",
    Severity.WARNING,
    "It is not known which quota counts, or how large it is",
    "Clouds count newer GPUs by quotas that their general listing leaves out. Look at the console's quota page before "
    "you rely on the pool.",
)
NO_RESERVATION_THERE = Kind(
    "GEN540",
    "reservation-missing",
    Severity.ERROR,
    "There is no such reservation",
    "Nodes of kind `reserved` start only in it, so none will start.",
)
RESERVATION_INACTIVE = Kind(
    "GEN541",
    "reservation-inactive",
    Severity.ERROR,
    "The reservation is not active",
    "It has ended, was cancelled, or begins later. Nodes start in it only while it is active.",
)
RESERVATION_DISAGREES = Kind(
    "GEN542",
    "reservation-of-other-type",
    Severity.ERROR,
    "The reservation is for other machines, or in another zone",
    "A node uses a reservation only when its type and its zone are those reserved. Others wait for ever while the "
    "reservation is paid for.",
)
RESERVATION_SMALL = Kind(
    "GEN543",
    "reservation-too-small",
    Severity.ERROR,
    "The reservation holds fewer machines than the pool may grow to",
    "Reserved nodes beyond it are not started. An error where the pool has no other way of buying, else a warning; a "
    "warning too where machines are taken that may be the pool's own.",
)
NO_STATE_STORE = Kind(
    "GEN550",
    "state-missing",
    Severity.ERROR,
    "The place of the Terraform state does not exist",
    "`terraform init` stops there. The bucket or container is made once, by hand or by another root, before the first "
    "`init`.",
)
STATE_FOREIGN = Kind(
    "GEN551",
    "state-of-another-owner",
    Severity.ERROR,
    "The bucket of the Terraform state belongs to somebody else",
    "Names of buckets are unique in the whole cloud. One that exists, refuses you and is none of yours is somebody "
    "else's: a state would never reach it.",
)
STATE_UNVERSIONED = Kind(
    "GEN552",
    "state-without-versions",
    Severity.WARNING,
    "The Terraform state is kept without earlier versions",
    "A state that is overwritten or damaged cannot be brought back, and Terraform then no longer knows what it made.",
)
STATE_ELSEWHERE = Kind(
    "GEN553",
    "state-in-another-region",
    Severity.ERROR,
    "The bucket of the Terraform state is in another region than the spec says",
    "Terraform asks in the region that its backend names, and is refused.",
)
KEY_MISSING = Kind(
    "GEN560",
    "key-missing",
    Severity.ERROR,
    "A docker host's project has no value for a secret",
    "Compose stops with the variable's name before it starts anything. A value in the environment counts as well: "
    "Compose takes it before the one in `.env`.",
)
KEY_WEAK = Kind(
    "GEN561",
    "key-weak",
    Severity.ERROR,
    "A key can be guessed",
    "A key of a gateway or of an engine is all that stands between a caller and the models, and whoever has the "
    "administrator's may read and change everything. Examples from documentation, words and repetitions are "
    "tried first. The value is judged where it stands and shown nowhere.",
)
KEY_MALFORMED = Kind(
    "GEN562",
    "key-malformed",
    Severity.ERROR,
    "A secret has a value that its program cannot use",
    "LiteLLM refuses an administrator's key that does not begin with `sk-`; a space or a line break at its end is "
    "part of a key and makes another of it; Compose replaces `$NAME` in values without single quotes.",
)
KEY_TWICE = Kind(
    "GEN563",
    "key-twice",
    Severity.ERROR,
    "Two secrets have the same value",
    "A gateway knows a tenant by the key alone, and takes whoever sends the administrator's for the administrator.",
)

UNANSWERED = frozenset(
    kind.id
    for kind in (
        NO_CREDENTIALS,
        CREDENTIALS_REFUSED,
        DENIED,
        THROTTLED,
        NO_ANSWER_IN_TIME,
        UNREACHABLE,
        MISSING_EXTRA,
        UNEXPECTED_REPLY,
    )
)
"""The ids of what could not be asked: neither passed nor failed."""
