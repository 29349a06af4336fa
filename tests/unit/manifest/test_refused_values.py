"""A file that can be read, with a value that cannot be meant: one finding with its place and what to write instead."""

import pytest
from tests.fixtures.manifests import PAPER, findings, manifest, place, places

TEXT = manifest()


def test_a_misspelt_key_is_one_finding_that_says_which_was_meant() -> None:
    text = TEXT.replace("expiry:", "exipry:")

    [found] = findings(text)

    assert (found.rule, found.line, found.column) == ("unknown-key", *place(text, "exipry"))
    assert found.hint == "did you mean 'expiry'?"


@pytest.mark.parametrize(
    ("key", "misspelt"),
    [("apiVersion", "apiversion"), ("kind", "kid"), ("name", "nane"), ("owner", "ownr"), ("scope", "scop")],
)
def test_a_misspelt_key_is_not_missing_too(key: str, misspelt: str) -> None:
    text = TEXT.replace(f"{key}:", f"{misspelt}:", 1)

    assert places(text) == [("unknown-key", *place(text, misspelt))]


def test_a_misspelt_key_further_in_is_not_missing_too() -> None:
    text = TEXT.replace("services:", "servces:")

    assert places(text) == [("unknown-key", *place(text, "servces"))]


def test_an_unknown_key_that_is_like_no_other_gets_the_list() -> None:
    text = f"{TEXT}zzz: 1\n"

    [found] = findings(text)

    assert (found.rule, found.line, found.column) == ("unknown-key", *place(text, "zzz"))
    assert "owner" in found.hint


def test_a_missing_key_of_the_format() -> None:
    text = manifest(["apiVersion"])

    [found] = findings(text)

    assert (found.rule, found.line, found.column) == ("missing-key", 1, 1)
    assert "'apiVersion'" in found.message


def test_two_missing_keys_are_two_findings() -> None:
    assert [slug for slug, _, _ in places(manifest(["apiVersion", "name"]))] == ["missing-key", "missing-key"]


def test_a_missing_key_of_the_scope() -> None:
    text = manifest(scope="\n  trust:\n    services: []")

    [found] = findings(text)

    assert (found.rule, found.line, found.column) == ("missing-key", *place(text, "scope"))
    assert "'allow'" in found.message


def test_an_unknown_kind_with_the_one_that_was_meant() -> None:
    text = manifest(kind="servise-role")

    [found] = findings(text)

    assert (found.rule, found.line, found.column) == ("unknown-kind", *place(text, "servise-role"))
    assert found.hint == "did you mean 'service-role'?"


def test_an_unknown_kind_that_is_like_no_other_gets_the_list() -> None:
    [found] = findings(manifest(kind="zzz"))

    assert found.hint == "kinds: paper-account, service-role"


def test_a_kind_that_no_folder_could_have_is_one_finding() -> None:
    assert [slug for slug, _, _ in places(manifest(kind="Service Role"))] == ["unknown-kind"]


def test_a_kind_that_is_a_list() -> None:
    text = manifest(kind="[service-role]")

    assert places(text) == [("wrong-type", *place(text, "[service-role]"))]


def test_text_where_a_list_is_asked_for() -> None:
    text = manifest(used_by="ecs")

    [found] = findings(text)

    assert (found.rule, found.line, found.column) == ("wrong-type", *place(text, "ecs\n"))
    assert found.message == "used_by must be a list, not text"


@pytest.mark.parametrize(("value", "hint"), [("12", '"12"'), ("true", '"true"'), ("1.5", '"1.5"')])
def test_a_number_where_text_is_asked_for_belongs_in_quotes(value: str, hint: str) -> None:
    text = manifest(owner=value)

    [found] = findings(text)

    assert (found.rule, found.line, found.column) == ("wrong-type", *place(text, f"{value}\n"))
    assert found.hint == f"put it in quotes: {hint}"


def test_a_key_without_a_value() -> None:
    text = TEXT.replace("owner: payments", "owner:")

    [found] = findings(text)

    assert (found.rule, found.line) == ("wrong-type", 4)
    assert found.message == "owner has no value; it must be text"


def test_a_mapping_where_text_is_asked_for() -> None:
    text = manifest(owner="{team: payments}")

    [found] = findings(text)

    assert (found.rule, found.message) == ("wrong-type", "owner must be text, not a mapping")


def test_a_value_of_another_form_is_shown_with_the_form() -> None:
    text = manifest(owner="Payments Team")

    [found] = findings(text)

    assert (found.rule, found.line, found.column) == ("invalid-value", *place(text, "Payments Team"))
    assert "For example: payments" in found.hint


def test_a_value_with_a_line_end_at_its_end_has_another_form() -> None:
    text = manifest(owner='"payments\\n"')

    assert places(text) == [("invalid-value", *place(text, '"payments'))]


def test_a_value_of_the_scope_with_a_line_end_at_its_end_has_another_form() -> None:
    text = TEXT.replace("[ecs-tasks.amazonaws.com]", '["ecs-tasks.amazonaws.com\\n"]')

    assert places(text) == [("invalid-value", *place(text, '"ecs-tasks'))]


def test_a_version_that_nobody_knows() -> None:
    text = manifest(apiVersion="nhi/v2")

    [found] = findings(text)

    assert (found.rule, found.line, found.column) == ("invalid-value", 1, 13)
    assert found.message == "apiVersion must be 'nhi/v1', not 'nhi/v2'"


def test_text_that_is_too_long() -> None:
    assert [slug for slug, _, _ in places(manifest(ticket="x" * 101))] == ["invalid-value"]


def test_a_value_that_is_wrong_in_two_ways_is_one_finding() -> None:
    assert [slug for slug, _, _ in places(manifest(name="X" * 80))] == ["invalid-value"]


def test_an_item_that_stands_twice() -> None:
    text = TEXT.replace("[dynamodb:PutItem]", "[dynamodb:PutItem, dynamodb:PutItem]")

    [found] = findings(text)

    assert (found.rule, found.line, found.column) == ("invalid-value", *place(text, "[dynamodb"))
    assert found.message == "scope.allow[0].actions holds the same value twice"


def test_a_date_that_does_not_exist() -> None:
    text = manifest(expiry="2027-02-30")

    assert places(text) == [("impossible-date", *place(text, "2027-02-30"))]


@pytest.mark.parametrize("text", ["2027-03-31T24:00:00Z", "2027-03-31T12:60:00Z", "2027-03-31T12:00:00+01:75"])
def test_a_time_that_does_not_exist(text: str) -> None:
    assert [slug for slug, _, _ in places(manifest(expiry=text))] == ["impossible-date"]


def test_a_time_without_a_zone() -> None:
    text = manifest(expiry="2027-03-31T18:00:00")

    [found] = findings(text)

    assert (found.rule, found.line, found.column) == ("zoneless-time", *place(text, "2027-03-31T"))
    assert found.hint == "write '2027-03-31T18:00:00Z' for UTC, or an offset"


@pytest.mark.parametrize("value", ["next year", "31.03.2027", "2027-3-31", "'２０２７-03-31'", "never"])  # noqa: RUF001  # full-width digits
def test_what_is_no_date(value: str) -> None:
    assert [slug for slug, _, _ in places(manifest(expiry=value))] == ["invalid-value"]


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("certified", "2026-02-30"),
        ("suspended", "{since: 2026-02-30, reason: INC-77}"),
        ("hold", "{authority: legal, reason: matter 14, review: 2026-02-30}"),
        (
            "exceptions",
            "[{rule: wildcard-action, reason: r, compensating_control: c, approver: security, expiry: 2026-02-30}]",
        ),
    ],
)
def test_every_date_of_a_manifest_is_checked(key: str, value: str) -> None:
    text = manifest(**{key: value})

    assert places(text) == [("impossible-date", *place(text, "2026-02-30"))]


def test_a_name_that_is_not_the_files() -> None:
    text = manifest(name="ledger-reader")

    [found] = findings(text)

    assert (found.rule, found.line, found.column) == ("name-mismatch", *place(text, "ledger-reader"))
    assert found.hint == "write 'ledger-writer', or rename the file to 'ledger-reader.yaml'"


def test_a_manifest_outside_of_a_stack() -> None:
    [found] = findings(TEXT, "identities/ledger-writer.yaml")

    assert (found.rule, found.line, found.column) == ("outside-stack", 1, 1)
    assert (found.identity, found.hint) == (None, "move it to identities/<stack>/ledger-writer.yaml")


def test_a_folder_that_is_no_stack() -> None:
    [found] = findings(TEXT, "identities/production/ledger-writer.yaml")

    assert (found.rule, found.line, found.column) == ("unknown-stack", 1, 1)
    assert found.message == "'production' is not a stack of nhi.yaml"


def test_folders_below_a_stack_mean_nothing() -> None:
    assert places(TEXT, "identities/prod/payments/settlement/ledger-writer.yaml") == []


def test_what_could_not_be_read_is_not_missing() -> None:
    text = manifest(owner="[payments]", expiry="soon", purpose="{a: b}", scope="[]")

    assert sorted(slug for slug, _, _ in places(text)) == ["invalid-value", "wrong-type", "wrong-type", "wrong-type"]


def test_one_bad_key_does_not_hide_what_the_rules_say_of_the_others() -> None:
    assert [slug for slug, _, _ in places(manifest(owner="nobody", ticket="[1]"))] == ["unknown-owner", "wrong-type"][
        ::-1
    ]


def test_hostile_text_is_quoted_on_one_line_and_cut() -> None:
    [found] = findings(manifest(owner='"' + "\\e[31m\\n" * 40 + '"'))

    assert found.message.isprintable()
    assert len(found.message) < 500


def test_a_manifest_of_a_kind_that_only_people_look_at() -> None:
    assert places(PAPER, "identities/prod/mainframe-reader.yaml") == []
