import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nhi.terraform.address import identity_in, is_name, module_label


@given(st.from_regex(r"[a-z0-9][a-z0-9-]{0,62}", fullmatch=True))
@settings(deadline=None)
def test_an_identity_is_found_again_by_its_module(name: str) -> None:
    assert is_name(name)
    assert identity_in(f"module.{module_label(name)}") == name


@pytest.mark.parametrize("address", ["module.nhi-one", "module.nhi-one.module.policy", "module.nhi-one.module.a[0]"])
def test_modules_within_an_identitys_module_belong_to_it(address: str) -> None:
    assert identity_in(address) == "one"


@pytest.mark.parametrize(
    "address",
    ["", "module.other", "module.x.module.nhi-one", "module.nhi-", "module.nhi-one[0]", 'module.nhi-one["a"]'],
)
def test_other_modules_belong_to_no_identity(address: str) -> None:
    assert identity_in(address) is None
