"""Which state knows an identity never changes by itself: a state destroys whom it knows and the root does not have."""

from collections import Counter

import pytest

from nhi.model.parts import part_names, part_of, state_of


def test_a_stack_in_one_piece_has_one_part_without_a_name() -> None:
    assert part_names(1) == ("",)
    assert part_of("ledger-writer", 1) == ""
    assert state_of("prod/terraform.tfstate", "") == "prod/terraform.tfstate"


def test_the_number_of_parts_is_in_the_name_of_each() -> None:
    assert part_names(3) == ("part-01-of-03", "part-02-of-03", "part-03-of-03")
    assert not {*part_names(3)} & {*part_names(4)}
    assert state_of("prod/terraform.tfstate", "part-02-of-03") == "prod/terraform.tfstate.part-02-of-03"


@pytest.mark.parametrize(
    ("identity", "part"),
    [("ledger-writer", "part-07-of-08"), ("ledger-reader", "part-01-of-08"), ("3rd-party", "part-08-of-08")],
)
def test_an_identity_stays_in_its_part_in_every_version_of_the_program(identity: str, part: str) -> None:
    """The last digit of what sha256sum(1) says of the name, modulo 8, plus 1."""
    assert part_of(identity, 8) == part


def test_parts_are_of_about_the_same_size() -> None:
    sizes = Counter(part_of(f"role-{number:04}", 8) for number in range(2000))
    assert sorted(sizes) == list(part_names(8))
    assert min(sizes.values()) > 200
    assert max(sizes.values()) < 300
