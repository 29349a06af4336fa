"""What Terraform may see of the environment.

Of the `TF_` variables only those are passed on that say how to work, never what the work is:

- `TF_LOG*` would print requests and answers, and secrets with them;
- `TF_CLI_ARGS*`, `TF_VAR_*` and the AWS provider's `TF_AWS_*` (default tags, say) would change what was reviewed;
- `TF_WORKSPACE` and `TF_DATA_DIR` would plan and apply against another state;
- `TF_REATTACH_PROVIDERS` would talk to a provider that is no release.

Sources: https://developer.hashicorp.com/terraform/cli/config/environment-variables and
https://registry.terraform.io/providers/hashicorp/aws/latest/docs
"""

from collections.abc import Callable, Mapping

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

_SECRET = frozenset({"AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN"})
_SHORTEST_SECRET = 8
"""Shorter text is no secret, and would be found everywhere."""

_SET = {"TF_IN_AUTOMATION": "1", "TF_INPUT": "0", "CHECKPOINT_DISABLE": "1"}
"""No advice to run commands by hand, no questions, no call home for news of versions."""


def seen_by_terraform(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment that Terraform runs in."""
    kept = {
        name: value
        for name, value in environment.items()
        if not name.startswith("TF_") or name in _KEPT or name.startswith(_CREDENTIALS)
    }
    return kept | _SET


def without_secrets(environment: Mapping[str, str]) -> Callable[[str], str]:
    """A function that takes the secrets of the environment out of a text: no tool's words may carry them further."""
    secrets = sorted(
        (value for name, value in environment.items() if _is_secret(name) and len(value) >= _SHORTEST_SECRET),
        key=len,
        reverse=True,
    )

    def hide(text: str) -> str:
        for secret in secrets:
            text = text.replace(secret, "(secret)")
        return text

    return hide


def _is_secret(name: str) -> bool:
    return name in _SECRET or name.startswith(_CREDENTIALS)
