"""What an applied role really holds, read back from the loopback AWS for the policy evaluator."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote

import boto3
import botocore.session

from nhi.model.identity import Json


@dataclass(frozen=True, slots=True)
class LiveRole:
    """A role as AWS answers it."""

    arn: str
    trust: Json
    inline: dict[str, Json]
    """Policy name → policy document."""


def live_role(environment: Mapping[str, str], name: str) -> LiveRole:
    """Read a role with its inline policies."""
    # Where botocore would look in the person's own environment and files, there is nothing.
    core = botocore.session.Session(
        {
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )
    iam = boto3.session.Session(
        botocore_session=core,
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=environment["AWS_SESSION_TOKEN"],
        region_name=environment["AWS_REGION"],
    ).client("iam", endpoint_url=environment["AWS_ENDPOINT_URL"])
    role = iam.get_role(RoleName=name)["Role"]
    names = iam.list_role_policies(RoleName=name)["PolicyNames"]
    inline = {one: _document(iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"]) for one in names}
    return LiveRole(role["Arn"], _document(role["AssumeRolePolicyDocument"]), inline)


def _document(document: object) -> Json:
    """boto3 decodes policy documents by itself, though its types say that they are text."""
    if isinstance(document, str):
        raise TypeError(f"a policy document came as text: {unquote(document)[:200]}")
    return document  # type: ignore[return-value]  # what JSON holds
