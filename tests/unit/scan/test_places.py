"""Where a finding of a resource stands in the manifest that the resource is made of."""

import pytest

from nhi.scan.interface import NotPassed
from nhi.scan.places import KeyPath, place_of


@pytest.mark.parametrize(
    ("kind", "attribute", "place"),
    [
        ("aws_iam_role", ("assume_role_policy",), ("scope", "trust")),
        ("aws_iam_role", (), ("scope",)),
        ("aws_iam_role_policy", ("policy",), ("scope", "allow")),
        ("aws_iam_role_policy", ("policy", "Allow0", "Action"), ("scope", "allow", 0, "actions")),
        ("aws_iam_user_policy", ("policy", "Allow12", "Resource"), ("scope", "allow", 12, "resources")),
        ("aws_iam_user_policy", ("policy", "Allow3", "Condition"), ("scope", "allow", 3, "conditions")),
        ("aws_iam_policy", ("policy", "Allow3"), ("scope", "allow", 3)),
        ("aws_iam_policy", ("policy", "Allow3", "Principal"), ("scope", "allow", 3)),
        ("aws_iam_role_policy", ("policy", "ByHand", "Action"), ("scope", "allow")),
        ("aws_iam_role_policy", ("policy", "", "Action"), ("scope", "allow")),
        ("aws_iam_role_policy", ("policy", "Allow99999999"), ("scope", "allow")),
        ("aws_iam_user_policy", ("user",), ("scope",)),
        ("aws_secretsmanager_secret", ("kms_key_id",), ("scope",)),
        ("aws_sqs_queue_policy", ("policy", "Allow0"), ("scope",)),
    ],
)
def test_what_decided_is_found_as_near_as_it_is_told(kind: str, attribute: tuple[str, ...], place: KeyPath) -> None:
    found = NotPassed("CKV_AWS_1", "x", None, f"module.nhi-a.{kind}.this", kind, attribute)

    assert place_of(found) == place
