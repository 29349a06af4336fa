"""Faults: half of an answer, and AWS's own words for too fast."""

import json

import pytest

from nhi.sandbox.faults import cut_out, from_wire, half_empty, throttled, to_wire


def test_every_element_of_the_name_is_cut_out_of_xml_and_nothing_else() -> None:
    body = b'<A xmlns="urn:a"><B>1</B><C><B>2</B><D>3</D></C></A>'
    cut = cut_out(body, "B")
    assert b"B>" not in cut
    assert b">3<" in cut


def test_every_key_of_the_name_is_cut_out_of_json_and_nothing_else() -> None:
    cut = cut_out(b'{"Events": [{"EventId": "1", "Other": 2}], "EventId": 3}', "EventId")
    assert json.loads(cut) == {"Events": [{"Other": 2}]}


@pytest.mark.parametrize(
    ("action", "code"),
    [("*", "Throttling"), ("iam:ListRoles", "Throttling"), ("cloudtrail:LookupEvents", "ThrottlingException")],
)
def test_too_fast_is_said_in_the_words_of_the_service(action: str, code: str) -> None:
    assert throttled(action).code == code


def test_a_fault_survives_the_wire() -> None:
    fault = half_empty("iam:ListRoles", "Marker", account="111122223333", times=2)
    assert from_wire(to_wire(fault)) == fault
