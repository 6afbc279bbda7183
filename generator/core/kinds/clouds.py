"""Kinds of findings: clouds."""

from generator.core.finding import Kind, Severity
from generator.core.labels import POOL

UNKNOWN_GPU = Kind(
    "GEN360",
    "unknown-gpu",
    Severity.ERROR,
    "The catalogue does not know this GPU",
    "On a cloud the GPU decides which machine is rented, so an unknown name is an error unless the pool also "
    "gives its `instanceTypes`. Existing machines keep working, but nobody checks whether the model fits their "
    "card or whether the engine runs on it, and a misspelt name stays unnoticed. Use one of the names that the "
    "finding offers.",
)
NO_INSTANCE_TYPE = Kind(
    "GEN361",
    "no-instance-type",
    Severity.ERROR,
    "No machine has this GPU in this number in this region",
    "Clouds sell GPUs in fixed numbers per machine and not in every region. A node group for a machine that is "
    "not sold there is refused when it is created, long after review. Take one of the named numbers of GPUs, or "
    "another region.",
)
INSTANCE_NOT_IN_REGION = Kind(
    "GEN362",
    "instance-type-not-in-region",
    Severity.ERROR,
    "The instance type is not offered in this region",
    "The cloud refuses the node group when it is created. Take a type that the region offers, move the cluster's "
    "pools to a region that has it, or leave `instanceTypes` out and let it be chosen.",
)
INSTANCE_DISAGREES = Kind(
    "GEN363",
    "instance-type-disagrees",
    Severity.ERROR,
    "The instance type has other GPUs than the pool says",
    "Everything else is computed from the pool's `gpu` and `gpusPerNode`: with a wrong number pods wait for ever "
    "on nodes that cannot hold them, or paid GPUs stand idle; with a wrong card the memory budget is wrong. Mind "
    "that the number does not grow with the size: a `g5.16xlarge` has one GPU, a `g5.12xlarge` four.",
)
UNKNOWN_REGION = Kind(
    "GEN364",
    "unknown-region",
    Severity.ERROR,
    "The catalogue does not know this region",
    "Which machines can be rented depends on the region. When every pool gives its `instanceTypes`, the region is "
    "only passed on, and this is a warning that nothing was checked.",
)
NO_RESERVATION = Kind(
    "GEN365",
    "reserved-without-reservation",
    Severity.WARNING,
    "Reserved capacity without a reservation",
    "Nodes of kind `reserved` then start only in an open capacity reservation of the same account, type and zone, "
    "and there is no telling which. When none matches, no node starts and its pods stay pending. AKS takes no node "
    "from a reservation that it is not told. Name the reservation.",
)
MISSING_SETTING = Kind(
    "GEN366",
    "platform-setting-missing",
    Severity.ERROR,
    "The platform needs a setting that is missing",
    "A cloud's node groups are created in a region and join a cluster that stands already, which GKE finds by its "
    "project and AKS by its resource group. None of these can be guessed.",
)
NO_EFFECT = Kind(
    "GEN367",
    "setting-without-effect",
    Severity.WARNING,
    "A setting has no effect here",
    "It reads as if it did something, but no artifact changes with it: nodes that exist already are not bought, "
    "and a reservation without `reserved` nodes is never used. Remove it, or move it to where it means something.",
)
UNKNOWN_INSTANCE_TYPE = Kind(
    "GEN368",
    "unknown-instance-type",
    Severity.WARNING,
    "The catalogue does not know this instance type",
    "It is passed on as it stands: its GPUs and its regions are not checked, and a misspelt name fails when the "
    "node group is created.",
)
NODES_IMPOSSIBLE = Kind(
    "GEN369",
    "impossible-number-of-nodes",
    Severity.ERROR,
    "The platform cannot have this number of nodes",
    "A docker cluster is one host. A cloud's node group refuses an upper limit of zero nodes: leave the pool out, or "
    "let it shrink to zero with `min: 0`. One of AKS has at most 1000 nodes.",
)
DISK_SIZE = Kind(
    "GEN370",
    "impossible-disk",
    Severity.ERROR,
    "The nodes' disk is too small or too large",
    "A root disk smaller than the machine image, or larger than its volume type allows, is refused when a node is "
    "launched: the node group ends in an error after many minutes. Images and caches without a volume live on "
    "this disk.",
)
BAD_LABEL = Kind(
    "GEN371",
    "node-label-refused",
    Severity.ERROR,
    "A node label or taint that Kubernetes refuses",
    "Nodes with such a label never join their cluster: the API server refuses the syntax, or the kubelet may not "
    "set the reserved prefix itself. Keys are an optional DNS name with a slash and up to 63 of `A-Za-z0-9-_.`, "
    "values up to 63 of the same.",
)
OTHER_VENDOR = Kind(
    "GEN372",
    "other-vendor",
    Severity.ERROR,
    "A GPU that is not NVIDIA's",
    "The accelerators of AMD, Intel, Google, Amazon and others need other images, other device settings and other "
    "resource names in Kubernetes. None of these is written yet: a container that asks for NVIDIA's driver does not "
    "start there, and a pod that asks for `nvidia.com/gpu` waits for ever. Use a pool of NVIDIA GPUs.",
)
WAY_NOT_SOLD = Kind(
    "GEN373",
    "capacity-not-sold",
    Severity.ERROR,
    "Nodes cannot be bought in this way here",
    "Each cloud has its own ways of selling GPU machines: `flex-start` is Google's, capacity blocks are AWS's, and "
    "some machines are never sold on demand. The cloud refuses such a node pool when it is created, or no node of it "
    "ever starts. Take one of the named ways.",
)
SHORT_NAMES_COLLIDE = Kind(
    "GEN374",
    "pool-names-too-alike",
    Severity.ERROR,
    "Two pools would have the same name in the cloud",
    "AKS gives a node pool twelve lower-case letters and digits, of which four tell the way of buying and the type. "
    "What the pool is called in the spec is shortened to eight: dashes go, and so does the end. Two pools that are "
    "then called the same cannot both be created. Let their names differ at the front.",
)
PLATFORM_TAINT = Kind(
    "GEN375",
    "taint-of-the-platform",
    Severity.ERROR,
    "The platform sets this taint itself",
    "GKE taints every node that has GPUs with `nvidia.com/gpu=present:NoSchedule`, and AKS keeps "
    "`kubernetes.azure.com/` to itself. A second taint of the same key is refused, or is taken away again with each "
    "change. Pods tolerate what the platform sets without being asked.",
)
LOCAL_STATE = Kind(
    "GEN288",
    "local-terraform-state",
    Severity.INFO,
    "Terraform's state stays on one machine",
    "Terraform knows what it made by its state. A file beside the root is on one machine only: whoever applies from "
    "another, a CI job included, starts from nothing and creates everything a second time, and with the file the way "
    "to change or remove the nodes is lost. The file belongs in no repository. A bucket or a storage account shares "
    "the state, locks it and keeps earlier versions.",
)
SEVERAL_STATES = Kind(
    "GEN376",
    "several-states",
    Severity.ERROR,
    "Terraform's state is in more than one place",
    "A root module has one backend. It happens when an overlay names another one and the base's remains, since maps "
    "merge. Had one of them been taken, the other's state would be forgotten and everything in it created twice.",
)
ZONE_ELSEWHERE = Kind(
    "GEN377",
    "zone-outside-the-region",
    Severity.ERROR,
    "The zone is not one of the region's",
    "GKE's zones are the region and a letter, `europe-west4-a`; AKS's are the numbers 1 to 3. The cloud refuses others "
    "when the node pool is created. It happens when a cluster moves to another region and its zones stay behind.",
)
MALFORMED_ID = Kind(
    "GEN378",
    "id-of-another-cloud",
    Severity.ERROR,
    "An id does not have the cloud's form",
    "Reservations, subnets and identities of nodes are called by ids that each cloud forms in its own way. One of "
    "another form is refused when the nodes are created, or, for a reservation, no node ever starts. It happens when a "
    "pool moves from one cloud to another.",
)
EXISTING_OR_CREATED = Kind(
    "GEN379",
    "existing-or-created",
    Severity.ERROR,
    "A cluster neither stands already nor is created, or both",
    "`existing` names a cluster that someone else looks after and adds GPU nodes to it; `create` makes one. With both, "
    "nobody could tell which of the two the nodes join; with neither there is none. It happens when an overlay names "
    "the other one and the base's remains, since maps merge: take it away with `null`.",
)
CLUSTER_NETWORK = Kind(
    "GEN384",
    "cluster-network",
    Severity.ERROR,
    "An address range of the created cluster cannot be had",
    "Nodes, pods and Services need ranges of their own: where two overlap, packets go astray, and the cloud refuses "
    "the cluster or, worse, does not. A range begins at a multiple of its size. None of them can be changed later "
    "without a new cluster.",
)
CLUSTER_NAME = Kind(
    "GEN385",
    "cluster-name",
    Severity.ERROR,
    "The cloud has no such names for clusters",
    "Each cloud has its own limit of length and letters. The name is made from those of fleet, environment and "
    "cluster when none is given; `create.name` gives a shorter one. It cannot be changed later without a new cluster.",
)
OPEN_CONTROL_PLANE = Kind(
    "GEN386",
    "open-control-plane",
    Severity.WARNING,
    "The control plane is open to the internet",
    "`publicAccess` is for the few addresses from which people and pipelines work. Behind a range this wide anyone may "
    "try credentials, and the next hole in the API server is open to all. Without `publicAccess` the control plane is "
    "private: a VPN, a peering or a runner in the cluster's network reaches it.",
)
TYPES_IMPOSSIBLE = Kind(
    "GEN390",
    "instance-types-impossible",
    Severity.ERROR,
    "A pool cannot have this list of instance types",
    "The types of a pool are tried in the order of the list. A type that stands twice would be one node group with two "
    "names, and each platform has room for so many: a managed node group of EKS for 20, the name of an AKS node pool "
    "for one digit.",
)
COMPACT_IMPOSSIBLE = Kind(
    "GEN391",
    "compact-impossible",
    Severity.ERROR,
    "The nodes cannot be put close together",
    "Nodes stand close together by a placement group or policy, which lies in one zone and which not every machine can "
    "join. Reserved nodes stand where their reservation was made. A node pool in several zones, or of another kind, is "
    "refused when it is created, or its nodes never start.",
)
NODE_SETTING = Kind(
    "GEN392",
    "node-setting-impossible",
    Severity.ERROR,
    "The platform refuses this setting of its nodes",
    "Each platform has its own limits of pods a node, and its own rules of how many nodes an upgrade may take: at "
    "least one, on AKS above the number that runs or below it. What it refuses is found only when the node pool is "
    "created.",
)
DISK_TYPE = Kind(
    "GEN393",
    "disk-type-refused",
    Severity.ERROR,
    "The machine has no root disk of this type",
    "Disks are called by the words of their cloud, and not every machine boots from each: A3 Ultra, A4 and G4 machines "
    "of Google take Hyperdisks alone. The node pool is refused when it is created. Take one of the named types.",
)
HOSTS_DISAGREE = Kind(
    "GEN394",
    "hosts-disagree-with-nodes",
    Severity.ERROR,
    "A pool names more or fewer hosts than it has nodes",
    "How many replicas fit, and how far they may scale, follows from `nodes`; which nodes get the pool's label and "
    "taints follows from `hosts`. Where the two differ, pods wait for nodes that nobody has labelled, or machines "
    "stand idle.",
)
HOST_TWICE = Kind(
    "GEN395",
    "host-named-twice",
    Severity.ERROR,
    "A node is named in two pools, or twice in one",
    f"A node has one label `{POOL}`, so it can be in one pool only: the script would move it to the pool "
    "that comes last, and the other would be a node short.",
)
KARPENTER_CANNOT = Kind(
    "GEN396",
    "karpenter-cannot",
    Severity.ERROR,
    "Karpenter does not do this",
    "Karpenter starts a machine when a pod has no room and ends it when it is empty. It keeps no minimum of nodes, has "
    "to be told the reservation that nodes come from and the subnets that they go to, and stands nodes close together "
    "only in a placement group that somebody else has made.",
)
