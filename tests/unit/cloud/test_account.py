"""The keys of a user: which of them is the newest, and which works."""

from datetime import UTC, datetime, timedelta

import pytest

from nhi.cloud.account import newest_first
from nhi.cloud.inventory import OddAnswer

NOW = datetime(2026, 11, 20, tzinfo=UTC)


def key(status: str, days: int, seconds: int = 0) -> dict[str, object]:
    created = NOW - timedelta(days=days, seconds=seconds)
    return {"AccessKeyId": "AKIAEXAMPLE", "Status": status, "CreateDate": created}


def test_the_newest_key_comes_first_however_they_are_listed() -> None:
    for listed in ([key("Inactive", 1), key("Active", 60)], [key("Active", 60), key("Inactive", 1)]):
        assert newest_first(listed) == ("Inactive", "Active")


def test_a_user_without_keys_has_none() -> None:
    assert newest_first([]) == ()


@pytest.mark.parametrize(("seconds", "first"), [(0, "Active"), (2, "Active"), (3599, "Active"), (3600, "Inactive")])
def test_of_keys_that_one_apply_made_the_active_one_counts_as_the_newer(seconds: int, first: str) -> None:
    assert newest_first([key("Inactive", 1), key("Active", 1, seconds)])[0] == first


@pytest.mark.parametrize("lacks", ["Status", "CreateDate"])
def test_a_key_that_does_not_say_everything_is_no_key(lacks: str) -> None:
    with pytest.raises(OddAnswer, match=lacks):
        newest_first([{name: value for name, value in key("Active", 1).items() if name != lacks}])
