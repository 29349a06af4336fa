import pytest

from nhi.policy.iam.actions import AccessLevel, access_level, actions_matching
from nhi.policy.iam.sensitive import Concern, admin_like, concerning, source


@pytest.mark.parametrize(
    ("action", "concern"),
    [
        ("cloudtrail:StopLogging", Concern.AUDIT_TRAIL),
        ("cloudtrail:PutEventSelectors", Concern.AUDIT_TRAIL),
        ("CLOUDTRAIL:deletetrail", Concern.AUDIT_TRAIL),
        ("config:StopConfigurationRecorder", Concern.AUDIT_TRAIL),
        ("config:DeleteDeliveryChannel", Concern.AUDIT_TRAIL),
        ("guardduty:DeleteDetector", Concern.AUDIT_TRAIL),
        ("guardduty:CreateFilter", Concern.AUDIT_TRAIL),
        ("securityhub:DisableSecurityHub", Concern.AUDIT_TRAIL),
        ("securityhub:CreateAutomationRule", Concern.AUDIT_TRAIL),
        ("access-analyzer:ApplyArchiveRule", Concern.AUDIT_TRAIL),
        ("macie2:UpdateMacieSession", Concern.AUDIT_TRAIL),
        ("logs:DeleteLogGroup", Concern.LOGS),
        ("ec2:DeleteFlowLogs", Concern.LOGS),
        ("iam:CreateRole", Concern.IDENTITIES),
        ("iam:TagRole", Concern.IDENTITIES),
        ("organizations:LeaveOrganization", Concern.IDENTITIES),
        ("sso:CreateAccountAssignment", Concern.IDENTITIES),
        ("rolesanywhere:CreateTrustAnchor", Concern.IDENTITIES),
        ("secretsmanager:GetSecretValue", Concern.SECRETS),
        ("ssm:GetParametersByPath", Concern.SECRETS),
        ("kms:Decrypt", Concern.SECRETS),
        ("sts:GetFederationToken", Concern.CREDENTIALS),
        ("iam:CreateAccessKey", Concern.CREDENTIALS),
    ],
)
def test_an_action_that_a_reviewer_should_know_of_is_in_its_set(action: str, concern: Concern) -> None:
    assert [one.lower() for one in concerning(action, concern)] == [action.lower()]


@pytest.mark.parametrize(
    ("action", "concern"),
    [
        ("cloudtrail:LookupEvents", Concern.AUDIT_TRAIL),
        ("cloudtrail:CreateTrail", Concern.AUDIT_TRAIL),
        ("config:PutEvaluations", Concern.AUDIT_TRAIL),
        ("securityhub:BatchImportFindings", Concern.AUDIT_TRAIL),
        ("logs:PutLogEvents", Concern.LOGS),
        ("iam:GetRole", Concern.IDENTITIES),
        ("iam:PassRole", Concern.IDENTITIES),
        ("iam:CreateServiceLinkedRole", Concern.IDENTITIES),
        ("secretsmanager:DescribeSecret", Concern.SECRETS),
        ("kms:Encrypt", Concern.SECRETS),
        ("s3:GetObject", Concern.CREDENTIALS),
        ("quantum:Entangle", Concern.SECRETS),
        ("", Concern.SECRETS),
    ],
)
def test_an_ordinary_action_is_in_none(action: str, concern: Concern) -> None:
    assert concerning(action, concern) == ()


@pytest.mark.parametrize(
    ("pattern", "concern", "names"),
    [
        ("secretsmanager:*", Concern.SECRETS, ("secretsmanager:BatchGetSecretValue", "secretsmanager:GetSecretValue")),
        ("SSM:getparameter?", Concern.SECRETS, ("ssm:GetParameters",)),
        ("cloudtrail:Stop*g", Concern.AUDIT_TRAIL, ("cloudtrail:StopLogging",)),
        ("s3:*", Concern.AUDIT_TRAIL, ()),
    ],
)
def test_a_pattern_allows_all_of_the_set_that_it_matches(
    pattern: str, concern: Concern, names: tuple[str, ...]
) -> None:
    assert concerning(pattern, concern) == names


@pytest.mark.parametrize("concern", list(Concern))
def test_everything_allows_every_set(concern: Concern) -> None:
    assert len(concerning("*", concern)) >= 7


@pytest.mark.parametrize("concern", list(Concern))
def test_every_set_says_where_it_comes_from(concern: Concern) -> None:
    assert len(source(concern)) > 20


def test_no_change_of_an_identity_is_left_out() -> None:
    changing = {AccessLevel.WRITE, AccessLevel.PERMISSIONS, AccessLevel.TAGGING}
    changes = {one for one in actions_matching("iam:*") if access_level(one) in changing}

    assert changes - set(concerning("iam:*", Concern.IDENTITIES)) == {"iam:PassRole", "iam:CreateServiceLinkedRole"}


@pytest.mark.parametrize(
    ("policy", "reason"),
    [
        ("AdministratorAccess", "every action"),
        ("arn:aws:iam::aws:policy/AdministratorAccess", "every action"),
        ("arn:aws-cn:iam::aws:policy/AdministratorAccess", "every action"),
        ("PowerUserAccess", "every action but a few"),
        ("IAMFullAccess", "iam:AddUserToGroup"),
        ("AWSOrganizationsFullAccess", "40 changes of identities or accounts"),
        ("arn:aws:iam::aws:policy/service-role/AmazonElasticMapReduceRole", "iam:PassRole + ec2:RequestSpotInstances"),
    ],
)
def test_a_managed_policy_that_makes_an_administrator_is_known_by_name_and_by_arn(policy: str, reason: str) -> None:
    found = admin_like(policy)

    assert found is not None
    assert (found.reason, found.arn.rpartition("/")[2]) == (reason, found.name)


@pytest.mark.parametrize(
    "policy",
    [
        *("ReadOnlyAccess", "SecurityAudit", "AmazonS3ReadOnlyAccess", "AWSLambdaBasicExecutionRole", ""),
        *("arn:aws:iam::111122223333:policy/AdministratorAccess", "AdministratorAccess/", "x/AdministratorAccess"),
    ],
)
def test_other_policies_are_not(policy: str) -> None:
    assert admin_like(policy) is None
