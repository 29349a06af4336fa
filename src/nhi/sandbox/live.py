"""What applied roles and users really hold, read back from the loopback AWS for the policy evaluator."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from urllib.parse import unquote

import boto3
import botocore.session

from nhi.model.identity import Json


@dataclass(frozen=True, slots=True)
class LiveRole:
    """A role as AWS answers it."""

    arn: str
    trust: Json
    inline: Mapping[str, Json]
    """Policy name → policy document."""


@dataclass(frozen=True, slots=True)
class LiveUser:
    """A user as AWS answers it."""

    arn: str
    inline: Mapping[str, Json]
    """Policy name → policy document."""
    keys: Mapping[str, str] = field(default_factory=dict)
    """Id of an access key → `Active` or `Inactive`."""


Live: TypeAlias = LiveRole | LiveUser


def live_role(environment: Mapping[str, str], name: str) -> LiveRole:
    """Read a role with its inline policies."""
    return _role(_session(environment), environment["AWS_ENDPOINT_URL"], name)


def live_below(environment: Mapping[str, str], path: str) -> dict[str, Live]:
    """Read every role and user below a path, by name."""
    session, endpoint = _session(environment), environment["AWS_ENDPOINT_URL"]
    iam = session.client("iam", endpoint_url=endpoint)
    roles = (one for page in iam.get_paginator("list_roles").paginate(PathPrefix=path) for one in page["Roles"])
    users = (one for page in iam.get_paginator("list_users").paginate(PathPrefix=path) for one in page["Users"])
    found: dict[str, Live] = {one["RoleName"]: _role(session, endpoint, one["RoleName"]) for one in roles}
    return found | {one["UserName"]: _user(session, endpoint, one["UserName"]) for one in users}


def _session(environment: Mapping[str, str]) -> boto3.session.Session:
    # Where botocore would look in the person's own environment and files, there is nothing.
    core = botocore.session.Session(
        {
            "profile": (None, None, None, None),
            "config_file": (None, None, os.devnull, None),
            "credentials_file": (None, None, os.devnull, None),
        }
    )
    return boto3.session.Session(
        botocore_session=core,
        aws_access_key_id=environment["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=environment["AWS_SECRET_ACCESS_KEY"],
        aws_session_token=environment["AWS_SESSION_TOKEN"],
        region_name=environment["AWS_REGION"],
    )


def _role(session: boto3.session.Session, endpoint: str, name: str) -> LiveRole:
    iam = session.client("iam", endpoint_url=endpoint)
    role = iam.get_role(RoleName=name)["Role"]
    names = iam.list_role_policies(RoleName=name)["PolicyNames"]
    inline = {one: _document(iam.get_role_policy(RoleName=name, PolicyName=one)["PolicyDocument"]) for one in names}
    return LiveRole(role["Arn"], _document(role["AssumeRolePolicyDocument"]), inline)


def _user(session: boto3.session.Session, endpoint: str, name: str) -> LiveUser:
    iam = session.client("iam", endpoint_url=endpoint)
    user = iam.get_user(UserName=name)["User"]
    names = iam.list_user_policies(UserName=name)["PolicyNames"]
    inline = {one: _document(iam.get_user_policy(UserName=name, PolicyName=one)["PolicyDocument"]) for one in names}
    keys = iam.list_access_keys(UserName=name)["AccessKeyMetadata"]
    return LiveUser(user["Arn"], inline, {one["AccessKeyId"]: one["Status"] for one in keys})


def _document(document: object) -> Json:
    """boto3 decodes policy documents by itself, though its types say that they are text."""
    if isinstance(document, str):
        raise TypeError(f"a policy document came as text: {unquote(document)[:200]}")
    return document  # type: ignore[return-value]  # what JSON holds
