"""Whether a user's access keys are there and work, and their secrets are nowhere."""

import base64
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from pathlib import Path

from nhi.model.settings import Stack
from nhi.sandbox.leaks import leaks
from nhi.sandbox.live import LiveUser
from nhi.sandbox.table import Fault


def key_faults(
    user: LiveUser, secrets: Mapping[str, str], folder: Path, stack: Stack, heard: Sequence[str]
) -> list[Fault]:
    """What is wrong with a user's keys.

    Args:
        user: as it stands.
        secrets: id → secret of every access key, as the loopback AWS knows them.
        folder: where nhi works; it must hold a plan that was saved after the keys were made, which has read the state.
        stack: the user's.
        heard: the outputs of every command.
    """
    faults = [Fault(f"the access key {key} Active", status) for key, status in user.keys.items() if status != "Active"]
    own = [secrets[key] for key in user.keys if key in secrets]
    if not own or len(own) < len(user.keys):
        faults.append(Fault("access keys whose secrets AWS knows", f"{len(own)} of {len(user.keys)}"))
    searched = leaks(folder, {"the output of nhi": "".join(heard)}, [*own, *(ses_password(one, stack) for one in own)])
    leaking = [place for place, leaked in searched.items() if leaked]
    faults += [Fault("the secret in no file and no output", f"it is in {place}") for place in leaking]
    plan = f"terraform/{stack.name}/plan.tfplan"
    must = (f"{plan}: tfplan", f"{plan}: tfstate", f"state/{stack.name}/terraform.tfstate")
    return faults + [Fault(f"{place} to search for secrets", "no such file") for place in must if place not in searched]


def ses_password(secret: str, stack: Stack) -> str:
    """What an access key's secret is as a password of SES's SMTP interface: made of it alone, and as good to send with.

    The AWS provider derives it of every key that it makes.
    https://docs.aws.amazon.com/ses/latest/dg/smtp-credentials.html
    """
    signature = f"AWS4{secret}".encode()
    for part in ("11111111", stack.region, "ses", "aws4_request", "SendRawEmail"):
        signature = hmac.new(signature, part.encode(), hashlib.sha256).digest()
    return base64.b64encode(b"\x04" + signature).decode()
