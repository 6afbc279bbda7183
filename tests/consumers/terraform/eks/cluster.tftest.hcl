# What the module makes of a cluster: private, encrypted, logged, with least privilege, written down by hand.

mock_provider "aws" {
  source = "./tests/mocks"
}

variables {
  name               = "acme-prod-use1"
  kubernetes_version = "1.34"
  zones              = ["us-east-1c", "us-east-1a"]
}

run "by_default" {
  command = apply

  module {
    source = "../modules/eks-cluster"
  }

  variables {
    network             = {}
    public_access_cidrs = []
    system_pool         = {}
    tags                = { team = "ml" }
  }

  assert {
    condition     = aws_eks_cluster.this.version == "1.34" && aws_eks_node_group.system.version == "1.34"
    error_message = "Control plane and nodes have the version that was asked for."
  }

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_private_access && !aws_eks_cluster.this.vpc_config[0].endpoint_public_access
    error_message = "The control plane must be private."
  }

  assert {
    condition     = aws_eks_cluster.this.access_config[0].authentication_mode == "API" && !aws_eks_cluster.this.access_config[0].bootstrap_cluster_creator_admin_permissions && length(aws_eks_access_entry.admins) == 0
    error_message = "Nobody is an administrator without being named."
  }

  assert {
    condition     = aws_eks_cluster.this.encryption_config[0].resources == toset(["secrets"]) && aws_eks_cluster.this.encryption_config[0].provider[0].key_arn == aws_kms_key.secrets.arn
    error_message = "Secrets must be encrypted by a key of their own."
  }

  assert {
    condition     = aws_kms_key.secrets.enable_key_rotation && aws_kms_key.logs.enable_key_rotation
    error_message = "Keys must rotate."
  }

  assert {
    condition     = aws_eks_cluster.this.enabled_cluster_log_types == toset(["api", "audit", "authenticator", "controllerManager", "scheduler"])
    error_message = "A log of the control plane is missing."
  }

  assert {
    condition = { for group in [aws_cloudwatch_log_group.control_plane, aws_cloudwatch_log_group.flow] : group.name => [group.retention_in_days, group.kms_key_id == aws_kms_key.logs.arn] } == {
      "/aws/eks/acme-prod-use1/cluster"   = [365, true]
      "/aws/vpc/acme-prod-use1/flow-logs" = [365, true]
    }
    error_message = "Logs must be kept for a year, encrypted, in groups of the names that AWS writes to."
  }

  assert {
    condition     = aws_flow_log.this.traffic_type == "ALL" && aws_flow_log.this.vpc_id == aws_vpc.this.id && aws_flow_log.this.log_destination == aws_cloudwatch_log_group.flow.arn
    error_message = "The network's traffic must be logged."
  }

  assert {
    condition     = !aws_eks_cluster.this.bootstrap_self_managed_addons && aws_eks_cluster.this.upgrade_policy[0].support_type == "STANDARD"
    error_message = "Add-ons and support are decided, not left to AWS."
  }

  assert {
    condition     = aws_eks_cluster.this.kubernetes_network_config[0].service_ipv4_cidr == "172.20.0.0/16" && aws_vpc.this.cidr_block == "10.0.0.0/16"
    error_message = "The default ranges are those of the spec."
  }

  # Networks.
  assert {
    condition = { for zone, subnet in aws_subnet.nodes : zone => subnet.cidr_block } == {
      us-east-1a = "10.0.0.0/19"
      us-east-1c = "10.0.64.0/19"
    }
    error_message = "A zone's range follows from its letter: ${jsonencode({ for zone, subnet in aws_subnet.nodes : zone => subnet.cidr_block })}"
  }

  assert {
    condition = { for zone, subnet in aws_subnet.public : zone => subnet.cidr_block } == {
      us-east-1a = "10.0.224.0/22"
      us-east-1c = "10.0.232.0/22"
    }
    error_message = "Public subnets are small and lie in the last eighth."
  }

  assert {
    condition     = alltrue([for subnet in concat(values(aws_subnet.nodes), values(aws_subnet.public)) : subnet.map_public_ip_on_launch != true])
    error_message = "No machine gets a public address."
  }

  assert {
    condition     = toset(keys(aws_nat_gateway.this)) == toset(["us-east-1a", "us-east-1c"]) && alltrue([for zone, nat in aws_nat_gateway.this : nat.subnet_id == aws_subnet.public[zone].id && nat.allocation_id == aws_eip.nat[zone].id])
    error_message = "Each zone has a NAT gateway of its own."
  }

  assert {
    condition     = alltrue([for zone, route in aws_route.nodes : route.nat_gateway_id == aws_nat_gateway.this[zone].id && route.gateway_id == null && route.route_table_id == aws_route_table.nodes[zone].id])
    error_message = "Nodes leave their zone by its NAT gateway only."
  }

  assert {
    condition     = alltrue([for zone, association in aws_route_table_association.nodes : association.subnet_id == aws_subnet.nodes[zone].id && association.route_table_id == aws_route_table.nodes[zone].id])
    error_message = "The subnets of nodes must use their zone's routes."
  }

  assert {
    condition     = aws_vpc_endpoint.s3.service_name == "com.amazonaws.us-east-1.s3" && aws_vpc_endpoint.s3.vpc_endpoint_type == "Gateway" && aws_vpc_endpoint.s3.route_table_ids == toset([for table in aws_route_table.nodes : table.id])
    error_message = "Weights must come from S3 past the NAT gateways."
  }

  assert {
    condition     = length(aws_default_security_group.this.ingress) == 0 && length(aws_default_security_group.this.egress) == 0
    error_message = "The default security group must let nothing through."
  }

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].subnet_ids == toset([for subnet in aws_subnet.nodes : subnet.id]) && aws_eks_node_group.system.subnet_ids == aws_eks_cluster.this.vpc_config[0].subnet_ids
    error_message = "Control plane and nodes live in the private subnets."
  }

  # System nodes.
  assert {
    condition     = aws_eks_node_group.system.ami_type == "AL2023_x86_64_STANDARD" && aws_eks_node_group.system.instance_types == tolist(["m7i.large"]) && aws_eks_node_group.system.capacity_type == "ON_DEMAND"
    error_message = "The machine of the system pool is wrong."
  }

  assert {
    condition     = [aws_eks_node_group.system.scaling_config[0].min_size, aws_eks_node_group.system.scaling_config[0].max_size, aws_eks_node_group.system.scaling_config[0].desired_size] == [2, 4, 2]
    error_message = "The limits of the system pool are wrong."
  }

  assert {
    condition     = length(aws_eks_node_group.system.taint) == 0 && aws_eks_node_group.system.labels == tomap({ "fleetgen.dev/system" = "true" })
    error_message = "The cluster's own pods must run on system nodes, and GPU pods must tell them apart."
  }

  assert {
    condition     = one(aws_launch_template.system.metadata_options).http_tokens == "required" && one(aws_launch_template.system.metadata_options).http_put_response_hop_limit == 1
    error_message = "Instance metadata must ask for a token and stay on the node."
  }

  assert {
    condition     = one(one(aws_launch_template.system.block_device_mappings).ebs).encrypted == "true" && one(one(aws_launch_template.system.block_device_mappings).ebs).volume_type == "gp3" && one(one(aws_launch_template.system.block_device_mappings).ebs).volume_size == 50
    error_message = "Root disks must be encrypted gp3 volumes."
  }

  assert {
    condition     = length(aws_launch_template.system.network_interfaces) == 0
    error_message = "The subnet decides of addresses, and it gives no public ones."
  }

  assert {
    condition     = { for tags in aws_launch_template.system.tag_specifications : tags.resource_type => tags.tags.team } == { instance = "ml", volume = "ml", network-interface = "ml" }
    error_message = "Machines and their disks carry the tags."
  }

  # Add-ons.
  assert {
    condition     = toset(keys(aws_eks_addon.before_nodes)) == toset(["vpc-cni", "kube-proxy", "eks-pod-identity-agent"]) && toset(keys(aws_eks_addon.on_nodes)) == toset(["coredns", "aws-ebs-csi-driver"])
    error_message = "What nodes need comes before them, what needs nodes after them."
  }

  assert {
    condition     = alltrue([for addon in merge(aws_eks_addon.before_nodes, aws_eks_addon.on_nodes) : addon.addon_version == "v1.2.3-eksbuild.1"]) && alltrue([for version in data.aws_eks_addon_version.default : version.kubernetes_version == "1.34" && version.most_recent != true])
    error_message = "Add-ons have the default version of the cluster's own."
  }

  assert {
    condition = { for name, addon in merge(aws_eks_addon.before_nodes, aws_eks_addon.on_nodes) : name => one(addon.pod_identity_association).service_account if length(addon.pod_identity_association) > 0 } == {
      aws-ebs-csi-driver = "ebs-csi-controller-sa"
      vpc-cni            = "aws-node"
    }
    error_message = "Two add-ons talk to AWS, by their own service accounts."
  }

  # Identities.
  assert {
    condition = { for name, role in { control_plane = aws_iam_role.control_plane, nodes = aws_iam_role.nodes, flow_logs = aws_iam_role.flow_logs, csi = aws_iam_role.addons["aws-ebs-csi-driver"], cni = aws_iam_role.addons["vpc-cni"] } : name => jsondecode(role.assume_role_policy).Statement[*].Principal } == {
      control_plane = [{ Service = "eks.amazonaws.com" }]
      nodes         = [{ Service = "ec2.amazonaws.com" }]
      flow_logs     = [{ Service = "vpc-flow-logs.amazonaws.com" }]
      csi           = [{ Service = "pods.eks.amazonaws.com" }]
      cni           = [{ Service = "pods.eks.amazonaws.com" }]
    }
    error_message = "Each role serves one service of AWS."
  }

  assert {
    condition = concat(
      [aws_iam_role_policy_attachment.control_plane.policy_arn],
      [for name in sort(keys(aws_iam_role_policy_attachment.nodes)) : aws_iam_role_policy_attachment.nodes[name].policy_arn],
      [for name in sort(keys(aws_iam_role_policy_attachment.addons)) : aws_iam_role_policy_attachment.addons[name].policy_arn],
      ) == [
      "arn:aws:iam::aws:policy/AmazonEKSClusterPolicy",
      "arn:aws:iam::aws:policy/AmazonEC2ContainerRegistryPullOnly",
      "arn:aws:iam::aws:policy/AmazonEKSWorkerNodePolicy",
      "arn:aws:iam::aws:policy/service-role/AmazonEBSCSIDriverPolicy",
      "arn:aws:iam::aws:policy/AmazonEKS_CNI_Policy",
    ]
    error_message = "A role holds more, or less, than AWS asks for."
  }

  assert {
    condition = alltrue([
      for statement in jsondecode(aws_iam_role_policy.flow_logs.policy).Statement :
      alltrue([for action in statement.Action : startswith(action, "logs:") && !strcontains(action, "*")])
      && alltrue([for resource in statement.Resource : startswith(resource, aws_cloudwatch_log_group.flow.arn)])
    ])
    error_message = "Flow logs write to their own group and nothing else."
  }

  assert {
    condition     = jsondecode(aws_iam_role.flow_logs.assume_role_policy).Statement[0].Condition.StringEquals["aws:SourceAccount"] == "111122223333"
    error_message = "Nobody else's flow logs may use the role."
  }

  assert {
    condition = [for statement in jsondecode(aws_kms_key.secrets.policy).Statement : statement.Principal] == [
      { AWS = "arn:aws:iam::111122223333:root" },
    ]
    error_message = "Who may use the key of secrets is said in IAM."
  }

  assert {
    condition = jsondecode(aws_kms_key.logs.policy).Statement[1].Principal == { Service = "logs.us-east-1.amazonaws.com" } && jsondecode(aws_kms_key.logs.policy).Statement[1].Condition.ArnEquals["kms:EncryptionContext:aws:logs:arn"] == [
      "arn:aws:logs:us-east-1:111122223333:log-group:/aws/eks/acme-prod-use1/cluster",
      "arn:aws:logs:us-east-1:111122223333:log-group:/aws/vpc/acme-prod-use1/flow-logs",
    ]
    error_message = "CloudWatch uses the key for the two groups of the cluster."
  }

  # What comes after.
  assert {
    condition     = output.cluster_name == "acme-prod-use1" && output.subnet_ids == [aws_subnet.nodes["us-east-1a"].id, aws_subnet.nodes["us-east-1c"].id]
    error_message = "The GPU pools are told of the private subnets, in the order of the zones."
  }

  assert {
    condition     = output.kubeconfig_command == "aws eks update-kubeconfig --region us-east-1 --name acme-prod-use1"
    error_message = "The command for kubectl is wrong."
  }

  assert {
    condition     = output.cluster_security_group_id == aws_eks_cluster.this.vpc_config[0].cluster_security_group_id && output.vpc_id == aws_vpc.this.id && output.endpoint == aws_eks_cluster.this.endpoint
    error_message = "Who shall reach the control plane is told by network and group."
  }
}

# A third zone, addresses for the control plane, an administrator, a larger machine: networks and control plane stay put.
run "grown" {
  command = plan

  module {
    source = "../modules/eks-cluster"
  }

  variables {
    zones               = ["us-east-1a", "us-east-1b", "us-east-1c"]
    network             = {}
    public_access_cidrs = ["203.0.113.0/24"]
    admins              = { platform = "arn:aws:iam::111122223333:role/platform" }
    system_pool         = { machine = "m7g.xlarge", min_nodes = 3, max_nodes = 5 }
    tags                = { team = "ml" }
  }

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].endpoint_public_access && aws_eks_cluster.this.vpc_config[0].endpoint_private_access && aws_eks_cluster.this.vpc_config[0].public_access_cidrs == toset(["203.0.113.0/24"])
    error_message = "The control plane is public for the given addresses only, and private as well."
  }

  assert {
    condition     = { for zone, subnet in aws_subnet.nodes : zone => subnet.cidr_block } == { us-east-1a = "10.0.0.0/19", us-east-1b = "10.0.32.0/19", us-east-1c = "10.0.64.0/19" }
    error_message = "A zone that comes moves no other."
  }

  assert {
    condition     = aws_eks_cluster.this.vpc_config[0].subnet_ids == toset([aws_subnet.nodes["us-east-1a"].id, aws_subnet.nodes["us-east-1c"].id]) && length(output.subnet_ids) == 3
    error_message = "AWS refuses the control plane another zone; nodes may have it."
  }

  assert {
    condition     = aws_eks_access_entry.admins["platform"].principal_arn == "arn:aws:iam::111122223333:role/platform" && aws_eks_access_policy_association.admins["platform"].policy_arn == "arn:aws:eks::aws:cluster-access-policy/AmazonEKSClusterAdminPolicy" && aws_eks_access_policy_association.admins["platform"].access_scope[0].type == "cluster"
    error_message = "Who is named is an administrator."
  }

  assert {
    condition     = aws_eks_node_group.system.ami_type == "AL2023_ARM_64_STANDARD" && aws_eks_node_group.system.scaling_config[0].desired_size == 2 && aws_eks_node_group.system.scaling_config[0].min_size == 3
    error_message = "Graviton needs an image of its own, and the autoscaler keeps its number of nodes."
  }
}

run "cheaper" {
  command = plan

  module {
    source = "../modules/eks-cluster"
  }

  variables {
    single_nat_gateway  = true
    network             = { nodes = "10.9.4.0/22", services = "10.20.0.0/20" }
    public_access_cidrs = []
    system_pool         = {}
    support_type        = "EXTENDED"
    log_retention_days  = 30
  }

  assert {
    condition     = keys(aws_nat_gateway.this) == ["us-east-1a"] && keys(aws_subnet.public) == ["us-east-1a"] && length(aws_route.nodes) == 2
    error_message = "All zones leave by one NAT gateway, in the first zone."
  }

  assert {
    condition     = [aws_subnet.nodes["us-east-1a"].cidr_block, aws_subnet.nodes["us-east-1c"].cidr_block, aws_subnet.public["us-east-1a"].cidr_block] == ["10.9.4.0/25", "10.9.5.0/25", "10.9.7.128/28"]
    error_message = "The smallest network has room for a public subnet of the least size."
  }

  assert {
    condition     = aws_eks_cluster.this.kubernetes_network_config[0].service_ipv4_cidr == "10.20.0.0/20" && aws_eks_cluster.this.upgrade_policy[0].support_type == "EXTENDED" && aws_cloudwatch_log_group.control_plane.retention_in_days == 30
    error_message = "What is given must be used."
  }
}

run "addons_of_the_team" {
  command = plan

  module {
    source = "../modules/eks-cluster"
  }

  variables {
    network             = {}
    public_access_cidrs = []
    system_pool         = {}
    addons = {
      coredns = { version = "v1.12.4-eksbuild.1", configuration = "{\"replicaCount\":3}" }
    }
  }

  assert {
    condition     = length(aws_eks_addon.before_nodes) == 0 && length(aws_iam_role.addons) == 0 && length(data.aws_eks_addon_version.default) == 0
    error_message = "What the team installs itself needs no role from here, and no version."
  }

  assert {
    condition     = aws_eks_addon.on_nodes["coredns"].addon_version == "v1.12.4-eksbuild.1" && aws_eks_addon.on_nodes["coredns"].configuration_values == "{\"replicaCount\":3}"
    error_message = "Version and configuration are as given."
  }
}

run "identities_need_the_agent" {
  command = plan

  module {
    source = "../modules/eks-cluster"
  }

  variables {
    network             = {}
    public_access_cidrs = []
    system_pool         = {}
    addons              = { vpc-cni = { before_nodes = true } }
  }

  expect_failures = [var.addons]
}

run "one_zone_refused" {
  command = plan

  module {
    source = "../modules/eks-cluster"
  }

  variables {
    network             = {}
    public_access_cidrs = []
    system_pool         = {}
    zones               = ["us-east-1a", "us-east-1a"]
  }

  expect_failures = [var.zones]
}

run "network_refused" {
  command = plan

  module {
    source = "../modules/eks-cluster"
  }

  variables {
    network             = { nodes = "10.0.0.0/23" }
    public_access_cidrs = []
    system_pool         = {}
  }

  expect_failures = [var.network]
}

run "no_system_node_refused" {
  command = plan

  module {
    source = "../modules/eks-cluster"
  }

  variables {
    network             = {}
    public_access_cidrs = []
    system_pool         = { min_nodes = 0 }
  }

  expect_failures = [var.system_pool]
}
