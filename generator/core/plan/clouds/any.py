"""The clouds' halves of a pool and of a cluster, whichever cloud it is: what is named here is all there are."""

from generator.core.plan.clouds.aks import AksCluster, AksNodes
from generator.core.plan.clouds.eks import EksCluster, EksNodes
from generator.core.plan.clouds.gke import GkeCluster, GkeNodes

AnyNodes = EksNodes | GkeNodes | AksNodes
AnyCluster = EksCluster | GkeCluster | AksCluster
