"""Kinds of findings about what grows, is replaced and is kept: nodes, rollouts, caches, shares of a device."""

from generator.core.finding import Kind, Severity

LABEL_ON_NO_NODE = Kind(
    "GEN640",
    "label-on-no-node",
    Severity.WARNING,
    "A node label that no new node of the pool has",
    "Pods ask for nodes by labels. An autoscaler starts a node for a waiting pod only if it knows that the node will "
    "have every label asked for: those of the pool, and those that the platform itself gives. A label that something "
    "in the cluster puts onto running nodes does not count while the pool has none, so the pod waits for ever. Where "
    "the pool has the label with another value, no node of it ever fits, and the finding is an error. Write the label "
    "into the pool's `nodeSelector`, with which its nodes are created.",
)
ROLLOUT_STUCK = Kind(
    "GEN641",
    "rollout-stuck",
    Severity.ERROR,
    "A patch with which no rollout ends",
    "Where a pool at its largest has no place for one more pod, gen lets an old pod go before a new one comes. A patch "
    "of `strategy` that wants the new pod first makes it wait for GPUs that only the old one could free, and the "
    "release never becomes ready. Nor can a rollout begin where no pod may come and none may go.",
)
START_CUT_SHORT = Kind(
    "GEN642",
    "start-cut-short",
    Severity.WARNING,
    "A patch with which a start is cut short",
    "The startup probe gives a pod twice the time that download, load and compilation are estimated at, and the "
    "kubelet kills what is not ready then. A patch that gives less than the estimate makes pods begin again and again.",
)
WEIGHTS_NOT_SHARED = Kind(
    "GEN648",
    "weights-not-shared",
    Severity.WARNING,
    "A placement that takes no part in shared weights",
    "With `sharedStorageClass` a job fetches the weights of a placement once, and its pods start from that folder, "
    "which they cannot write to. That is so for engines of which it is known, and for the files that they load when "
    "nothing else is said. Another placement stays as it is without the setting: each new pod downloads for itself.",
)
DISK_FOR_ALL = Kind(
    "GEN649",
    "disk-for-all",
    Severity.WARNING,
    "A StorageClass of disks for weights that many nodes read",
    "`sharedStorageClass` makes claims with the access mode `ReadWriteMany`. Disks of a cloud (EBS, Persistent Disk, "
    "Azure Disk) are mounted by one node at a time, and a claim of them for many stays pending. File systems are "
    "mounted by all: EFS, Filestore, Azure Files. Classes are known by the names that clusters come with; a class of "
    "your own by such a name is a reason to accept the finding.",
)
SAME_CARD_TWICE = Kind(
    "GEN644",
    "same-card-twice",
    Severity.WARNING,
    "Two pools of one docker host with the same card",
    "A docker host is one machine, and its GPUs are numbered across its pools. A second pool of the same card stands "
    "for further cards in that machine; where it has none, two containers get GPU numbers of which one does not exist, "
    "and the second does not start. Cards of one kind in one machine are one pool with as many `gpusPerNode`.",
)
SHARES_EXCEED_GPU = Kind(
    "GEN645",
    "shares-exceed-gpu",
    Severity.ERROR,
    "Placements that share a GPU and need more than it has",
    "On a docker host placements may name the same GPU in `devices`. Each keeps to its share of the memory, which it "
    "demands at start, or takes what its model needs; the last to start finds too little left and stops, or computes "
    "on the CPU. Lower the shares, or move one of them. Those that share start one after the other, since an engine "
    "measures what is free while it starts.",
)
