"""A change touches the stacks whose Terraform it can alter, and no others; and it leaves no identity behind."""

from pathlib import Path

import pytest
from tests.fixtures.manifests import PAPER, SETTINGS_TEXT, manifest, tree

from nhi.errors import InputError
from nhi.flows.ground import read_ground
from nhi.flows.touched import Reason, touched_stacks
from nhi.model.source import ChangeType, PathChange

IN_PROD, IN_STAGING = "identities/prod/ledger-writer.yaml", "identities/staging/mainframe-reader.yaml"
THIRD = '  test: {account: "444455556666", region: eu-west-1}\n'


class Change:
    """A repository before and after: prod has a service role, staging an account on paper."""

    def __init__(self, folder: Path) -> None:
        manifests = {IN_PROD: manifest(), IN_STAGING: PAPER}
        self.before, self.after = tree(folder / "before", manifests), tree(folder / "after", manifests)

    def touches(self, *paths: str, how: ChangeType = ChangeType.EDITED) -> dict[str, tuple[Reason, ...]]:
        """The stacks that a change of these paths touches."""
        changes = [PathChange(path, how) for path in paths]
        return touched_stacks(changes, self.before.snapshot, self.after.snapshot, read_ground(self.after.snapshot)[0])

    def settings(self, before: str, after: str) -> None:
        """Have nhi.yaml so before, and so after."""
        self.before.write({"nhi.yaml": before})
        self.after.write({"nhi.yaml": after})


@pytest.fixture
def change(tmp_path: Path) -> Change:
    """Nothing is changed yet."""
    return Change(tmp_path)


def test_a_manifest_touches_its_stack(change: Change) -> None:
    assert change.touches("identities/prod/a/b.yaml") == {"prod": (Reason.MANIFESTS,)}
    assert list(change.touches("identities/staging/a.yaml", "identities/prod/a.yaml")) == ["prod", "staging"]


def test_a_removed_manifest_touches_its_stack_though_it_is_the_last(change: Change) -> None:
    change.after.remove(IN_PROD)

    assert change.touches(IN_PROD, how=ChangeType.REMOVED) == {"prod": (Reason.MANIFESTS,)}


@pytest.mark.parametrize(
    ("kind", "stacks"), [("service-role", ["prod"]), ("paper-account", ["staging"]), ("unused-kind", [])]
)
def test_a_module_touches_the_stacks_that_use_its_kind(change: Change, kind: str, stacks: list[str]) -> None:
    assert list(change.touches(f"modules/{kind}/main.tf")) == stacks


def test_a_module_in_a_module_touches_the_same(change: Change) -> None:
    assert change.touches("modules/service-role/sub/x.tf") == {"prod": (Reason.KIND,)}


def test_a_module_touches_a_stack_that_used_it_at_the_base(change: Change) -> None:
    change.after.write({IN_PROD: PAPER.replace("mainframe-reader", "ledger-writer")})

    assert "prod" in change.touches(IN_PROD, "modules/service-role/main.tf")


@pytest.mark.parametrize("text", ["- a\n", "kind: nobody-knows\n", "kind: [\n", ""])
def test_where_a_kind_cannot_be_told_every_module_touches(change: Change, text: str) -> None:
    change.before.write({IN_STAGING: text})
    change.after.write({IN_STAGING: text})

    assert list(change.touches("modules/service-role/main.tf")) == ["prod", "staging"]


@pytest.mark.parametrize(
    "path",
    [
        "identities/owners.yaml",
        "identities/prod/README.md",
        "modules/service-role/README.md",
        "modules/service-role/tests/a.tf",
        "modules/service-role/schema.json",
        "modules/x.tf",
        "README.md",
        "docs/modules/service-role/main.tf",
    ],
)
def test_what_alters_no_terraform_touches_none(change: Change, path: str) -> None:
    assert change.touches(path) == {}


# --- nhi.yaml --------------------------------------------------------------------------------------------------------


def test_settings_that_are_of_no_stack_touch_none(change: Change) -> None:
    change.settings(SETTINGS_TEXT, SETTINGS_TEXT + "limits: {renewals: 1}\n# a comment\n")

    assert change.touches("nhi.yaml") == {}


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('prod: {account: "111122223333", region: eu-west-1}', 'prod: {account: "111122223333", region: eu-west-2}'),
        ('prod: {account: "111122223333", region: eu-west-1}', 'prod: {account: "444455556666", region: eu-west-1}'),
        (
            'prod: {account: "111122223333", region: eu-west-1}',
            'prod: {account: "111122223333", region: eu-west-1, backend: {local: {path: s/prod.tfstate}}}',
        ),
    ],
)
def test_settings_of_a_stack_touch_it_alone(change: Change, old: str, new: str) -> None:
    change.settings(SETTINGS_TEXT, SETTINGS_TEXT.replace(old, new))

    assert change.touches("nhi.yaml") == {"prod": (Reason.SETTINGS,)}


def test_a_new_stack_is_touched_though_it_is_empty(change: Change) -> None:
    change.settings(SETTINGS_TEXT, SETTINGS_TEXT + THIRD)

    assert change.touches("nhi.yaml") == {"test": (Reason.NEW,)}


def test_where_there_were_no_settings_every_stack_is_new(change: Change) -> None:
    change.before.remove("nhi.yaml")

    assert set(change.touches("nhi.yaml").values()) == {(Reason.NEW,)}


def test_where_the_settings_could_not_be_read_every_stack_is_touched(change: Change) -> None:
    change.before.write({"nhi.yaml": "stacks: ["})

    assert change.touches("nhi.yaml") == {"prod": (Reason.SETTINGS,), "staging": (Reason.SETTINGS,)}


def test_all_reasons_are_told(change: Change) -> None:
    change.settings(SETTINGS_TEXT.replace("eu-west-1", "eu-west-3"), SETTINGS_TEXT)

    assert change.touches("nhi.yaml", IN_PROD, "modules/service-role/main.tf")["prod"] == (
        Reason.SETTINGS,
        Reason.MANIFESTS,
        Reason.KIND,
    )


# --- nothing is left behind ------------------------------------------------------------------------------------------


def forget_staging(change: Change, base: str = SETTINGS_TEXT) -> None:
    """Take the stack out of nhi.yaml, and its folder too."""
    change.settings(base, "\n".join(line for line in SETTINGS_TEXT.splitlines() if "staging" not in line))
    change.after.remove(IN_STAGING)


@pytest.mark.parametrize("base", [SETTINGS_TEXT, "stacks: ["])
def test_a_stack_with_identities_is_not_forgotten_in_silence(change: Change, base: str) -> None:
    forget_staging(change, base)

    with pytest.raises(InputError, match=r"'staging' is gone from nhi\.yaml, and 1 of its manifests stood") as error:
        change.touches("nhi.yaml", IN_STAGING, how=ChangeType.REMOVED)
    assert "remove its manifests" in error.value.hint


def test_a_stack_that_was_emptied_before_may_go(change: Change) -> None:
    change.before.remove(IN_STAGING)
    forget_staging(change)

    assert change.touches("nhi.yaml") == {}


def test_a_folder_that_never_was_a_stack_may_go(change: Change) -> None:
    change.before.write({"identities/drafts/a.yaml": manifest()})

    assert change.touches("nhi.yaml", "identities/drafts/a.yaml", how=ChangeType.REMOVED) == {}


DIVIDED = SETTINGS_TEXT.replace("eu-west-1}", "eu-west-1, parts: 2}", 1)


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (SETTINGS_TEXT, DIVIDED, "parts: 2, which had 1"),
        (DIVIDED, SETTINGS_TEXT, "parts: 1, which had 2"),
        ("stacks: [", DIVIDED, "parts: 2, which had perhaps others"),
    ],
)
def test_nobody_goes_while_a_stack_is_divided_anew(change: Change, before: str, after: str, said: str) -> None:
    change.settings(before, after)
    change.after.remove(IN_PROD)

    with pytest.raises(InputError, match=f"the stack 'prod' {said}, and 1 of its identities go") as error:
        change.touches("nhi.yaml", IN_PROD, how=ChangeType.REMOVED)
    assert "once the removals are applied" in error.value.hint


def test_a_stack_that_keeps_all_may_be_divided_while_another_loses_some(change: Change) -> None:
    change.settings(SETTINGS_TEXT, DIVIDED)

    assert change.touches("nhi.yaml") == {"prod": (Reason.SETTINGS,)}
    change.after.remove(IN_STAGING)
    touched = change.touches("nhi.yaml", IN_STAGING, how=ChangeType.REMOVED)
    assert touched == {"prod": (Reason.SETTINGS,), "staging": (Reason.MANIFESTS,)}


def test_who_is_moved_or_was_put_back_does_not_go_from_a_stack_that_is_divided(change: Change) -> None:
    change.settings(SETTINGS_TEXT, DIVIDED)
    touched = {"prod": (Reason.SETTINGS, Reason.MANIFESTS)}

    assert change.touches("nhi.yaml", IN_PROD, how=ChangeType.REMOVED) == touched  # it stands, so it was put back
    change.after.remove(IN_PROD).write({"identities/prod/ledger/ledger-writer.yaml": manifest()})
    assert change.touches("nhi.yaml", IN_PROD, how=ChangeType.REMOVED) == touched


@pytest.mark.parametrize("path", ["identities/stray.yaml", "identities/nowhere/a.yaml"])
@pytest.mark.parametrize("how", [ChangeType.ADDED, ChangeType.EDITED])
def test_a_manifest_that_nobody_would_plan_is_no_empty_change(change: Change, path: str, how: ChangeType) -> None:
    with pytest.raises(InputError, match="is in no stack"):
        change.touches(path, how=how)


def test_many_strays_are_counted(change: Change) -> None:
    with pytest.raises(InputError, match="and 5 more"):
        change.touches(*(f"identities/stray-{n}.yaml" for n in range(15)), how=ChangeType.ADDED)
