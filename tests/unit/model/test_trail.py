"""Who acted: two actors are two only where that is certain."""

import pytest

from nhi.model.trail import Actor, same_principal

ACCOUNT = "111122223333"


def role(name: str, account: str = ACCOUNT, *, session: str = "s", unique_id: str | None = None) -> Actor:
    short = name.rpartition("/")[2]
    arn = f"arn:aws:sts::{account}:assumed-role/{short}/{session}"
    return Actor(arn, f"arn:aws:iam::{account}:role/{name}", account, unique_id)


def user(name: str, account: str = ACCOUNT) -> Actor:
    return Actor(f"arn:aws:iam::{account}:user/{name}", None, account)


APPLY = role("ci/nhi-apply", session="run-1")


@pytest.mark.parametrize(
    "other",
    [
        APPLY,
        role("ci/nhi-apply", session="run-2"),
        role("nhi-apply"),
        role("ci/NHI-Apply"),
        role("ci/nhi-apply", unique_id="AROAX"),
        Actor("lambda.amazonaws.com", None, ""),
        Actor(f"arn:aws:iam::{ACCOUNT}:root", None, ACCOUNT),
        Actor(f"arn:aws:sts::{ACCOUNT}:assumed-role/other/s", None, ACCOUNT),
    ],
)
def test_whoever_may_be_the_same_is_the_same(other: Actor) -> None:
    assert same_principal(APPLY, other)
    assert same_principal(other, APPLY)


@pytest.mark.parametrize(
    "other", [role("ci/nhi-verify"), role("ci/nhi-apply", "444455556666"), user("nhi-apply"), user("ci/nhi-apply")]
)
def test_another_role_user_or_account_is_another_principal(other: Actor) -> None:
    assert not same_principal(APPLY, other)
    assert not same_principal(other, APPLY)


def test_one_that_was_made_again_under_the_name_is_not_independent_of_the_first() -> None:
    assert same_principal(role("a", unique_id="AROA1"), role("a", unique_id="AROA2"))


def test_one_id_is_one_principal_whatever_it_is_called() -> None:
    assert same_principal(role("a", unique_id="AROA1"), role("b", unique_id="AROA1"))
