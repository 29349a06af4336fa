"""What Terraform may see of the environment.

Of the `TF_` variables only those are passed on that say how to work, never what the work is:

- `TF_LOG*` would print requests and answers, and secrets with them;
- `TF_CLI_ARGS*`, `TF_VAR_*` and the AWS provider's `TF_AWS_*` (default tags, say) would change what was reviewed;
- `TF_WORKSPACE` and `TF_DATA_DIR` would plan and apply against another state;
- `TF_REATTACH_PROVIDERS` would talk to a provider that is no release.

Sources: https://developer.hashicorp.com/terraform/cli/config/environment-variables and
https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

import re
from collections.abc import Callable, Mapping
from urllib.parse import quote

_KEPT = frozenset(
    {
        "TF_CLI_CONFIG_FILE",
        "TF_PLUGIN_CACHE_DIR",
        "TF_REGISTRY_CLIENT_TIMEOUT",
        "TF_REGISTRY_DISCOVERY_RETRY",
        "TF_STATE_PERSIST_INTERVAL",
    }
)
_CREDENTIALS = "TF_TOKEN_"
"""`TF_TOKEN_<host>` opens a private registry."""

_SECRET = re.compile(r"SECRET|TOKEN|PASSWORD|PASSWD|PRIVATE_KEY|API_?KEY", re.IGNORECASE)
"""What the name of a secret has: of AWS's, of GitHub's, and of whatever else a runner is given."""
_NO_SECRET = re.compile(r"_(?:FILE|PATH|DIR|URI|URL|ARN|ID|NAME|TTL|EXPIRATION)$", re.IGNORECASE)
"""How the names end of what only leads to one: AWS_WEB_IDENTITY_TOKEN_FILE, ACTIONS_ID_TOKEN_REQUEST_URL."""
_SHORTEST_SECRET = 8
"""Shorter text is no secret, and would be found everywhere."""

_SET = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
"""No advice to run commands by hand, no questions, no call home for news of versions."""

_COLLECTED_LESS = {"GOGC": "400", "GOMEMLIMIT": "3GiB"}
"""Two fifths of a large plan are Go collecting garbage; this is to collect at five times what is in use and not at
twice, and sooner as a process comes to 3 GiB of memory. Terraform and its providers run in Go, and these change nothing
else: https://go.dev/doc/gc-guide."""


def seen_by_terraform(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment that Terraform runs in. Whoever says anything about Go's memory says all of it."""
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith("TF_") or name in _KEPT or name.startswith(_CREDENTIALS)
    }
    memory = {} if _COLLECTED_LESS.keys() & kept.keys() else _COLLECTED_LESS
    return kept | memory | _SET


def without_secrets(environment: Mapping[str, str]) -> Callable[[str], str]:
    """A function that takes the secrets of the environment out of a line: no tool's words may carry them further.

    Of one that has several lines, such as a private key, each line is taken out; and each also as a URL has it.
    """
    lines = {line for name, value in environment.items() if _is_secret(name) for line in value.splitlines()}
    told = lines | {quote(line, safe="") for line in lines}
    secrets = sorted((one for one in told if len(one) >= _SHORTEST_SECRET), key=len, reverse=True)

    def hide(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, "(secret)")
        return text

    return hide


def _is_secret(name: str) -> bool:
    return name.startswith(_CREDENTIALS) or bool(_SECRET.search(name) and not _NO_SECRET.search(name))
