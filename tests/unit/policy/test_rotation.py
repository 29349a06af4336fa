"""A step of a rotation gives nobody more than before, and only what is such a step counts as one."""

import pytest

from nhi.model.change import ManifestChange
from nhi.model.difference import Effect
from nhi.model.identity import Json, Manifest
from nhi.model.risk import Risk
from nhi.model.settings import Settings
from nhi.policy.difference import meaning
from nhi.policy.rotation import rotation_step


def previous(rotated: str, **others: Json) -> Json:
    return {"rotated": rotated, **others}


OLD, NEW = "2026-09-02", "2026-11-01"
AT_FIRST: dict[str, Json] = {"type": "access-key", "rotate_every": 60, "rotated": OLD, "encrypt_to": "one"}
OVERLAP: dict[str, Json] = {**AT_FIRST, "rotated": NEW, "previous": previous(OLD, active=True)}
OFF: dict[str, Json] = {**OVERLAP, "previous": previous(OLD, active=False)}
DONE: dict[str, Json] = {**AT_FIRST, "rotated": NEW}


def change(before: dict[str, Json], after: dict[str, Json]) -> ManifestChange:
    manifests = [
        Manifest("identities/prod/a.yaml", "prod", "a", "k", scope={"credential": dict(one), "allow": []})
        for one in (before, after)
    ]
    return ManifestChange("prod/a", *manifests)


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (AT_FIRST, OVERLAP, f"a new one is made, and that of {OLD} still works"),
        (OVERLAP, OFF, f"that of {OLD} is switched off"),
        (OFF, DONE, f"that of {OLD} is deleted"),
    ],
)
def test_each_step_of_a_rotation_is_said_and_is_of_little_risk(
    before: dict[str, Json], after: dict[str, Json], words: str
) -> None:
    found = meaning(change(before, after), Settings())
    assert found.effects == ((Effect.ROTATED, words),)
    assert found.risk.risk is Risk.LOW


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (AT_FIRST, {**OVERLAP, "encrypt_to": "two"}),
        (AT_FIRST, {**OVERLAP, "rotate_every": 90}),
        (AT_FIRST, {**OVERLAP, "previous": previous("2026-08-01", active=True)}),
        (AT_FIRST, {**OVERLAP, "previous": previous(OLD, active=True, more=True)}),
        (AT_FIRST, {**OVERLAP, "rotated": "2026-01-01", "previous": previous(OLD, active=True)}),
        (AT_FIRST, {**AT_FIRST, "previous": previous(OLD, active=True)}),
        (AT_FIRST, DONE),
        (OFF, OVERLAP),
        (OVERLAP, DONE),
        (OVERLAP, {**OFF, "rotated": "2026-11-02"}),
        (OVERLAP, {**OVERLAP, "previous": previous("2026-08-01", active=False)}),
        (OFF, AT_FIRST),
    ],
)
def test_anything_else_is_judged_as_a_new_scope(before: dict[str, Json], after: dict[str, Json]) -> None:
    found = meaning(change(before, after), Settings())
    assert Effect.ROTATED not in {effect for effect, _ in found.effects}
    assert found.risk.risk is Risk.HIGH


@pytest.mark.parametrize(
    ("before", "after"), [(None, AT_FIRST), (AT_FIRST, None), ("text", AT_FIRST), (AT_FIRST, AT_FIRST)]
)
def test_what_is_no_change_of_one_credential_is_no_step(before: Json, after: Json) -> None:
    assert rotation_step(before, after) is None
