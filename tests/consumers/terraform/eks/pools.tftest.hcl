# For the pools of the test: what the module makes of each way of buying nodes, written down by hand.

mock_provider "aws" {
  source = "./tests/mocks"
}

run "nodes" {
  command = apply

  module {
    source = "../modules/eks-gpu-pools"
  }

  assert {
    condition     = toset(keys(aws_eks_node_group.this)) == toset(["l4-spot", "l4-on-demand", "h100-reserved", "block-reserved", "open-reserved"])
    error_message = "Groups are addressed by pool and capacity: ${jsonencode(keys(aws_eks_node_group.this))}"
  }

  assert {
    condition = { for key, group in aws_eks_node_group.this : key => group.capacity_type } == {
      l4-spot        = "SPOT"
      l4-on-demand   = "ON_DEMAND"
      h100-reserved  = "ON_DEMAND"
      block-reserved = "CAPACITY_BLOCK"
      open-reserved  = "ON_DEMAND"
    }
    error_message = "The way of buying is wrong."
  }

  assert {
    condition = { for key, group in aws_eks_node_group.this : key => [group.scaling_config[0].min_size, group.scaling_config[0].max_size] } == {
      l4-spot        = [1, 6]
      l4-on-demand   = [0, 6]
      h100-reserved  = [0, 2]
      block-reserved = [0, 1]
      open-reserved  = [2, 3]
    }
    error_message = "The limits of the autoscaler are wrong."
  }

  assert {
    condition     = alltrue([for group in aws_eks_node_group.this : group.ami_type == "AL2023_x86_64_NVIDIA"])
    error_message = "Amazon Linux 2 has no support any more, and other images have no driver."
  }

  assert {
    condition = { for key, group in aws_eks_node_group.this : key => [for taint in group.taint : "${taint.key}=${taint.value}:${taint.effect}"] } == {
      l4-spot        = ["nvidia.com/gpu=present:NO_SCHEDULE"]
      l4-on-demand   = ["nvidia.com/gpu=present:NO_SCHEDULE"]
      h100-reserved  = ["team=:NO_EXECUTE"]
      block-reserved = ["nvidia.com/gpu=present:PREFER_NO_SCHEDULE"]
      open-reserved  = []
    }
    error_message = "The taints are wrong."
  }

  assert {
    condition     = aws_eks_node_group.this["l4-spot"].labels == tomap({ "fleetgen.dev/pool" = "l4", "note" = "$${path.module}", "k8s.amazonaws.com/accelerator" = "l4" })
    error_message = "The labels are wrong, or a value was taken for an expression: ${jsonencode(aws_eks_node_group.this["l4-spot"].labels)}"
  }

  assert {
    condition     = aws_eks_node_group.this["h100-reserved"].labels["k8s.amazonaws.com/accelerator"] == "H100-80-GB"
    error_message = "A label value must keep to its alphabet: ${aws_eks_node_group.this["h100-reserved"].labels["k8s.amazonaws.com/accelerator"]}"
  }

  assert {
    condition     = aws_eks_node_group.this["l4-spot"].instance_types == tolist(["g6.2xlarge"]) && aws_launch_template.this["l4-spot"].instance_type == null
    error_message = "The instance type belongs to the node group."
  }

  assert {
    condition     = aws_launch_template.this["block-reserved"].instance_type == "p5e.48xlarge" && one(aws_launch_template.this["block-reserved"].instance_market_options).market_type == "capacity-block"
    error_message = "A capacity block needs its instance type and market in the launch template."
  }

  assert {
    condition     = one(one(aws_launch_template.this["h100-reserved"].capacity_reservation_specification).capacity_reservation_target).capacity_reservation_id == "cr-1" && one(one(aws_launch_template.this["block-reserved"].capacity_reservation_specification).capacity_reservation_target).capacity_reservation_id == "cr-2"
    error_message = "Reserved nodes must use their reservation."
  }

  assert {
    condition     = one(aws_launch_template.this["open-reserved"].capacity_reservation_specification).capacity_reservation_preference == "capacity-reservations-only"
    error_message = "Reserved nodes must not be bought on demand."
  }

  assert {
    condition     = length(aws_launch_template.this["l4-spot"].capacity_reservation_specification) == 0 && length(aws_launch_template.this["l4-on-demand"].capacity_reservation_specification) == 0
    error_message = "Only reserved nodes use a reservation."
  }

  assert {
    condition     = alltrue([for template in aws_launch_template.this : one(template.metadata_options).http_tokens == "required" && one(template.metadata_options).http_put_response_hop_limit == 1])
    error_message = "Instance metadata must ask for a token and stay on the node."
  }

  assert {
    condition     = alltrue([for template in aws_launch_template.this : one(one(template.block_device_mappings).ebs).encrypted == "true" && one(one(template.block_device_mappings).ebs).volume_type == "gp3"])
    error_message = "Root disks must be encrypted gp3 volumes."
  }

  assert {
    condition     = one(one(aws_launch_template.this["h100-reserved"].block_device_mappings).ebs).volume_size == 500 && one(one(aws_launch_template.this["l4-spot"].block_device_mappings).ebs).volume_size == 200
    error_message = "The size of the root disk is wrong."
  }

  assert {
    condition     = alltrue([for group in aws_eks_node_group.this : one(group.launch_template).version == "7"])
    error_message = "A node group must follow its launch template by number."
  }

  assert {
    condition     = alltrue([for group in aws_eks_node_group.this : group.subnet_ids == toset(["subnet-cluster-a", "subnet-cluster-b"])])
    error_message = "Without subnets of their own the nodes live in those of the cluster."
  }

  assert {
    condition     = toset(keys(aws_iam_role_policy_attachment.nodes)) == toset(["AmazonEKSWorkerNodePolicy", "AmazonEC2ContainerRegistryPullOnly", "AmazonEKS_CNI_Policy"])
    error_message = "The role must hold what nodes need and no more."
  }

  assert {
    condition = { for address, tag in aws_autoscaling_group_tag.this : tag.tag[0].key => tag.tag[0].value if startswith(address, "h100-reserved/") } == {
      "k8s.io/cluster-autoscaler/enabled"                                           = "true"
      "k8s.io/cluster-autoscaler/platform-use1"                                     = "owned"
      "k8s.io/cluster-autoscaler/node-template/resources/nvidia.com/gpu"            = "8"
      "k8s.io/cluster-autoscaler/node-template/resources/ephemeral-storage"         = "446Gi"
      "k8s.io/cluster-autoscaler/node-template/label/fleetgen.dev/pool"             = "h100"
      "k8s.io/cluster-autoscaler/node-template/label/k8s.amazonaws.com/accelerator" = "H100-80-GB"
      "k8s.io/cluster-autoscaler/node-template/taint/team"                          = ":NoExecute"
    }
    error_message = "From these tags the autoscaler knows a node that does not exist yet."
  }
}

# The autoscaler has moved on; a new plan must not take its nodes away.
# Two types in one group; a reservation is of the first.
run "several_types" {
  command = plan

  module {
    source = "../modules/eks-gpu-pools"
  }

  variables {
    node_groups = {
      l4-reserved  = { name = "l4-reserved", pool = "l4", capacity = "reserved", instance_types = ["g6.2xlarge"], min_nodes = 3, gpu = "l4", gpus_per_node = 1, max_nodes = 9, reservation = { id = "cr-1" } }
      l4-on-demand = { name = "l4-on-demand", pool = "l4", capacity = "on-demand", instance_types = ["g6.2xlarge", "g6.4xlarge"], min_nodes = 0, gpu = "l4", gpus_per_node = 1, max_nodes = 9 }
    }
  }

  assert {
    condition = { for key, group in aws_eks_node_group.this : key => group.instance_types } == {
      l4-reserved  = tolist(["g6.2xlarge"])
      l4-on-demand = tolist(["g6.2xlarge", "g6.4xlarge"])
    }
    error_message = "A group takes all types, a reservation the first: ${jsonencode({ for key, group in aws_eks_node_group.this : key => group.instance_types })}"
  }
}

# What nodes have beside their GPUs: a disk, pods, neighbours; reserved nodes stand where their reservation does.
run "nodes_of_another_kind" {
  command = apply

  module {
    source = "../modules/eks-gpu-pools"
  }

  variables {
    subnet_ids = ["subnet-b", "subnet-a"]
    node_groups = {
      l4-spot      = { name = "l4-spot", pool = "l4", capacity = "spot", instance_types = ["g6.2xlarge"], min_nodes = 0, gpu = "l4", gpus_per_node = 1, max_nodes = 9, disk_type = "io2", max_pods = 32, max_unavailable = 3, compact = true }
      l4-reserved  = { name = "l4-reserved", pool = "l4", capacity = "reserved", instance_types = ["g6.2xlarge"], min_nodes = 0, gpu = "l4", gpus_per_node = 1, max_nodes = 9, disk_type = "io2", max_pods = 32, max_unavailable = 3 }
      t4-on-demand = { name = "t4-on-demand", pool = "t4", capacity = "on-demand", instance_types = ["g4dn.xlarge"], min_nodes = 0, gpu = "t4", gpus_per_node = 1, max_nodes = 1 }
    }
  }

  assert {
    condition = { for key, item in aws_launch_template.this : key => jsonencode([item.block_device_mappings[0].ebs[0].volume_type, item.block_device_mappings[0].ebs[0].iops]) if key != "l4-reserved" } == {
      l4-spot      = jsonencode(["io2", 3000])
      t4-on-demand = jsonencode(["gp3", 0])
    }
    error_message = "The root disk is of the wrong type."
  }

  assert {
    condition     = yamldecode(split("\n\n", base64decode(aws_launch_template.this["l4-spot"].user_data))[2]) == { apiVersion = "node.eks.aws/v1alpha1", kind = "NodeConfig", spec = { kubelet = { config = { maxPods = 32 }, flags = ["--max-pods=32"] } } }
    error_message = "The kubelet must be told its pods: ${base64decode(aws_launch_template.this["l4-spot"].user_data)}"
  }

  assert {
    condition     = split("\n", base64decode(aws_launch_template.this["l4-spot"].user_data))[0] == "MIME-Version: 1.0" && strcontains(base64decode(aws_launch_template.this["l4-spot"].user_data), "\n--//\nContent-Type: application/node.eks.aws\n") && endswith(base64decode(aws_launch_template.this["l4-spot"].user_data), "\n--//--\n")
    error_message = "User data in several parts begins and ends as MIME says."
  }

  assert {
    condition     = aws_launch_template.this["t4-on-demand"].user_data == null
    error_message = "Without a number of pods EKS's own user data is all there is."
  }

  assert {
    condition     = { for key, item in aws_placement_group.this : key => [item.name, item.strategy] } == { l4-spot = ["platform-use1-l4-spot", "cluster"] } && aws_launch_template.this["l4-spot"].placement[0].group_name == "platform-use1-l4-spot" && length(aws_launch_template.this["l4-reserved"].placement) == 0 && length(aws_launch_template.this["t4-on-demand"].placement) == 0
    error_message = "Only nodes that are asked to stand close together do, and no reserved ones: ${jsonencode(aws_placement_group.this)}"
  }

  assert {
    condition = { for key, item in aws_eks_node_group.this : key => jsonencode(sort(item.subnet_ids)) } == {
      l4-spot      = jsonencode(["subnet-b"])
      l4-reserved  = jsonencode(["subnet-a", "subnet-b"])
      t4-on-demand = jsonencode(["subnet-a", "subnet-b"])
    }
    error_message = "A placement group lies in one zone."
  }

  assert {
    condition     = { for key, item in aws_eks_node_group.this : key => item.update_config[0].max_unavailable } == { l4-spot = 3, l4-reserved = 3, t4-on-demand = 1 }
    error_message = "An upgrade takes the wrong number of nodes."
  }
}

run "disk_refused" {
  command = plan

  module {
    source = "../modules/eks-gpu-pools"
  }

  variables {
    node_groups = {
      l4-on-demand = { name = "l4-on-demand", pool = "l4", capacity = "on-demand", instance_types = ["g6.2xlarge"], min_nodes = 0, gpu = "l4", gpus_per_node = 1, max_nodes = 1, disk_type = "st1" }
    }
  }

  expect_failures = [var.node_groups]
}

run "upgrade_refused" {
  command = plan

  module {
    source = "../modules/eks-gpu-pools"
  }

  variables {
    node_groups = {
      l4-on-demand = { name = "l4-on-demand", pool = "l4", capacity = "on-demand", instance_types = ["g6.2xlarge"], min_nodes = 0, gpu = "l4", gpus_per_node = 1, max_nodes = 1, max_unavailable = 0 }
    }
  }

  expect_failures = [var.node_groups]
}

run "types_refused" {
  command = plan

  module {
    source = "../modules/eks-gpu-pools"
  }

  variables {
    node_groups = {
      l4-on-demand = { name = "l4-on-demand", pool = "l4", capacity = "on-demand", instance_types = ["g6.2xlarge", "g6.2xlarge"], min_nodes = 0, gpu = "l4", gpus_per_node = 1, max_nodes = 1 }
    }
  }

  expect_failures = [var.node_groups]
}

run "later" {
  command = plan

  module {
    source = "../modules/eks-gpu-pools"
  }

  variables {
    node_groups = {
      l4-spot = { name = "l4-spot", pool = "l4", capacity = "spot", instance_types = ["g6.2xlarge"], min_nodes = 3, gpu = "l4", gpus_per_node = 1, max_nodes = 9 }
    }
  }

  assert {
    condition     = aws_eks_node_group.this["l4-spot"].scaling_config[0].desired_size == 1
    error_message = "The desired number of nodes belongs to the autoscaler."
  }

  assert {
    condition     = aws_eks_node_group.this["l4-spot"].scaling_config[0].min_size == 3 && aws_eks_node_group.this["l4-spot"].scaling_config[0].max_size == 9
    error_message = "The limits belong to the spec."
  }

  assert {
    condition     = one(aws_eks_node_group.this["l4-spot"].taint) == { key = "nvidia.com/gpu", value = "present", effect = "NO_SCHEDULE" } && one(one(aws_launch_template.this["l4-spot"].block_device_mappings).ebs).volume_size == 200
    error_message = "The module's defaults are those of the spec."
  }
}

run "own_role_and_subnets" {
  command = plan

  module {
    source = "../modules/eks-gpu-pools"
  }

  variables {
    node_role_arn = "arn:aws:iam::111122223333:role/ours"
    subnet_ids    = ["subnet-ours"]
  }

  assert {
    condition     = length(aws_iam_role.nodes) == 0 && length(aws_iam_role_policy_attachment.nodes) == 0
    error_message = "With a role given none is made."
  }

  assert {
    condition     = alltrue([for group in aws_eks_node_group.this : group.node_role_arn == "arn:aws:iam::111122223333:role/ours" && group.subnet_ids == toset(["subnet-ours"])])
    error_message = "The given role and subnets must be used."
  }
}

run "autoscaler" {
  command = apply

  module {
    source = "../modules/eks-gpu-pools"
  }

  variables {
    autoscaler_identity = true
  }

  assert {
    condition = alltrue([
      aws_eks_pod_identity_association.autoscaler[0].namespace == "kube-system",
      aws_eks_pod_identity_association.autoscaler[0].service_account == "cluster-autoscaler",
      aws_eks_pod_identity_association.autoscaler[0].role_arn == aws_iam_role.autoscaler[0].arn,
    ])
    error_message = "The service account of the chart must have the autoscaler's role."
  }

  assert {
    condition = alltrue([
      for statement in data.aws_iam_policy_document.autoscaler.statement :
      alltrue([for action in statement.actions : length(regexall(":(Describe|Get)", action)) > 0])
      || try(one(statement.condition).variable, "") == "aws:ResourceTag/k8s.io/cluster-autoscaler/platform-use1"
    ])
    error_message = "What changes something must be bound to the groups of this cluster."
  }
}

run "limits_refused" {
  command = plan

  module {
    source = "../modules/eks-gpu-pools"
  }

  variables {
    node_groups = {
      l4-spot = { name = "l4-spot", pool = "l4", capacity = "spot", instance_types = ["g6.2xlarge"], min_nodes = 2, gpu = "l4", gpus_per_node = 1, max_nodes = 1 }
    }
  }

  expect_failures = [var.node_groups]
}

run "capacity_refused" {
  command = plan

  module {
    source = "../modules/eks-gpu-pools"
  }

  variables {
    node_groups = {
      l4-spot = { name = "l4-spot", pool = "l4", capacity = "cheap", instance_types = ["g6.2xlarge"], min_nodes = 0, gpu = "l4", gpus_per_node = 1, max_nodes = 1 }
    }
  }

  expect_failures = [var.node_groups]
}
