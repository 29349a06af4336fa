"""What a plan would create that could stand already, and its import blocks."""

import pytest

from nhi.errors import OutsideError
from nhi.model.identity import Json
from nhi.terraform.creations import Import, creations, import_blocks


def plan(**parts: Json) -> dict[str, Json]:
    resource: dict[str, Json] = {
        "address": "module.nhi-a.aws_iam_role.this",
        "module_address": "module.nhi-a",
        "mode": "managed",
        "type": "aws_iam_role",
        "name": "this",
        "change": {"actions": ["create"], "before": None, "after": {"name": "a"}},
    }
    return {"resource_changes": [resource | parts]}


def test_a_creation_has_its_identity_its_name_and_its_place() -> None:
    (found,) = creations(plan(), "prod")

    assert (found.identity, found.type, found.name) == ("prod/a", "aws_iam_role", "a")
    assert found.to == "module.nhi-a.aws_iam_role.this"


@pytest.mark.parametrize(
    ("index", "written"),
    [(None, ""), (0, "[0]"), ("2026-11-01T00:00:00Z", '["2026-11-01T00:00:00Z"]'), ('"]${x}', '["\\"]$${x}"]')],
)
def test_an_index_is_written_as_terraforms_language_wants_it(index: Json, written: str) -> None:
    (found,) = creations(plan(index=index), "prod")

    assert found.to == f"module.nhi-a.aws_iam_role.this{written}"


@pytest.mark.parametrize(
    "parts",
    [
        {"change": {"actions": ["update"], "before": {"name": "a"}, "after": {"name": "a"}}},
        {"change": {"actions": ["delete", "create"], "before": {"name": "a"}, "after": {"name": "a"}}},
        {"type": "aws_iam_role_policy"},
        {"mode": "data"},
    ],
)
def test_nothing_else_is_a_creation(parts: dict[str, Json]) -> None:
    assert creations(plan(**parts), "prod") == ()


@pytest.mark.parametrize(
    "parts",
    [
        {"module_address": None},
        {"module_address": "module.other"},
        {"module_address": "module.nhi-a.module.inner"},
        {"change": {"actions": ["create"], "before": None, "after": {}}},
        {"name": 'this" {}'},
    ],
)
def test_what_nobody_could_look_for_stops_the_plan(parts: dict[str, Json]) -> None:
    with pytest.raises(OutsideError):
        creations(plan(**parts), "prod")


def test_an_id_cannot_add_to_terraforms_language() -> None:
    (one,) = creations(plan(), "prod")

    text = import_blocks([Import(one, 'x"\n}\nresource "a" "b" {}\n${file("/etc/passwd")}')])

    assert text.splitlines()[2:] == [
        "import {",
        "  to = module.nhi-a.aws_iam_role.this",
        '  id = "x\\"\\n}\\nresource \\"a\\" \\"b\\" {}\\n$${file(\\"/etc/passwd\\")}"',
        "}",
    ]
