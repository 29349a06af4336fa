"""What a search for an access key's secret looks for."""

from dataclasses import replace
from pathlib import Path

import pytest

from nhi.model.settings import Stack
from nhi.sandbox.keys import key_faults, ses_password
from nhi.sandbox.live import LiveUser

STACK = Stack("kinds", "111122223333", "eu-central-1")
KEY, SECRET = "AKIAEXAMPLE", "some+secret+key"
USER = LiveUser("arn:aws:iam::111122223333:user/nhi/kinds/one", {}, {KEY: "Active"})


@pytest.mark.parametrize(
    ("region", "secret", "password"),
    [
        ("eu-central-1", "some+secret+key", "BMXhUYlu5Z3gSXVQORxlVa7XPaz91aGWdfHxvkOZdWZ2"),
        ("us-west-1", "some+secret+key", "BH+jbMzper5WwlwUar9E1ySBqHa9whi0GPo+sJ0mVYJj"),
        ("eu-central-1", "another+secret+key", "BBbphbrQmrKMx42d1N6+C7VINYEBGI5v9VsZeTxwskfh"),
    ],
)
def test_the_password_for_ses_is_what_the_aws_provider_makes_of_a_secret(
    region: str, secret: str, password: str
) -> None:
    """The three are of the provider's own tests (internal/service/iam/access_key_test.go)."""
    assert ses_password(secret, replace(STACK, region=region)) == password


@pytest.mark.parametrize("leaked", [SECRET, ses_password(SECRET, STACK)], ids=["as it is", "as a password for SES"])
def test_a_secret_in_the_state_is_found_in_either_form(leaked: str, tmp_path: Path) -> None:
    state = tmp_path / "state" / STACK.name / "terraform.tfstate"
    state.parent.mkdir(parents=True)
    state.write_text(f'{{"secret": "{leaked}"}}', "utf-8")

    found = key_faults(USER, {KEY: SECRET}, tmp_path, STACK, [])

    assert "it is in state/kinds/terraform.tfstate" in {one.found for one in found}
