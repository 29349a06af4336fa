"""When something was last used: "no use seen" is said by IAM, and never by its silence."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nhi.cloud.inventory import OddAnswer
from nhi.cloud.last_use import key_use, newest, password_use, role_use
from nhi.model.usage import LastUse, NoUseSeen, Used
from nhi.model.verification import CouldNotTell

AT = datetime(2026, 11, 1, 12, tzinfo=UTC)
NEVER = {"ServiceName": "N/A", "Region": "N/A"}


def test_a_role_was_used_where_and_when_iam_says() -> None:
    used = {"RoleLastUsed": {"LastUsedDate": AT.astimezone(timezone(timedelta(hours=5))), "Region": "eu-west-1"}}
    found = role_use(used)
    assert found == Used(AT, None, "eu-west-1")
    assert isinstance(found, Used)
    assert found.at.tzinfo is UTC


@pytest.mark.parametrize("empty", [{}, {"LastUsedDate": None, "Region": None}])
def test_an_empty_record_of_a_role_is_no_use_seen(empty: dict[str, object]) -> None:
    assert role_use({"RoleLastUsed": empty}) == NoUseSeen()


@pytest.mark.parametrize(
    "role",
    [
        {},
        {"RoleLastUsed": None},
        {"RoleLastUsed": "never"},
        {"RoleLastUsed": {"Region": "eu-west-1"}},
        {"RoleLastUsed": {"LastUsedDate": "2026-11-01"}},
        {"RoleLastUsed": {"LastUsedDate": AT.replace(tzinfo=None)}},
        {"RoleLastUsed": {"LastUsedDate": datetime.max.replace(tzinfo=timezone(timedelta(hours=-5)))}},
    ],
)
def test_silence_about_a_role_is_not_no_use_seen(role: dict[str, object]) -> None:
    with pytest.raises(OddAnswer):
        role_use(role)


def test_a_key_was_used_where_when_and_for_what_iam_says() -> None:
    used = {"LastUsedDate": AT, "ServiceName": "s3", "Region": "N/A"}
    assert key_use({"UserName": "a", "AccessKeyLastUsed": used}) == Used(AT, "s3", None)


def test_a_key_that_says_not_applicable_has_no_use_seen() -> None:
    assert key_use({"UserName": "a", "AccessKeyLastUsed": NEVER}) == NoUseSeen()


@pytest.mark.parametrize(
    "answer",
    [
        {},
        {"UserName": "a"},
        {"UserName": "a", "AccessKeyLastUsed": {}},
        {"AccessKeyLastUsed": NEVER},
        {"UserName": "a", "AccessKeyLastUsed": {"ServiceName": "N/A"}},
        {"UserName": "a", "AccessKeyLastUsed": {"ServiceName": "s3", "Region": "eu-west-1"}},
        {"UserName": "a", "AccessKeyLastUsed": {**NEVER, "LastUsedDate": "N/A"}},
    ],
)
def test_silence_about_a_key_is_not_no_use_seen(answer: dict[str, object]) -> None:
    with pytest.raises(OddAnswer):
        key_use(answer)


def test_a_password_was_used_when_iam_says() -> None:
    assert password_use({"PasswordLastUsed": AT}) == Used(AT, "signin", None)
    assert password_use({}) == NoUseSeen()
    with pytest.raises(OddAnswer):
        password_use({"PasswordLastUsed": "N/A"})


USES: st.SearchStrategy[LastUse] = st.one_of(
    st.just(NoUseSeen()),
    st.just(CouldNotTell("denied")),
    st.datetimes(timezones=st.just(UTC)).map(lambda at: Used(at, None, None)),
)


@given(st.lists(USES))
def test_the_newest_is_known_only_where_all_are(uses: list[LastUse]) -> None:
    found = newest(uses)
    used = [one.at for one in uses if isinstance(one, Used)]
    match found:
        case CouldNotTell():
            assert found in uses
        case NoUseSeen():
            assert all(one == NoUseSeen() for one in uses)
        case Used(at):
            assert at == max(used)
            assert CouldNotTell("denied") not in uses
