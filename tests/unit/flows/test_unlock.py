"""A dead run's lock is taken away by its id, and never from a state that has none."""

from dataclasses import replace
from pathlib import Path

import pytest
from tests.fixtures.applying import Stage, quiet, rendered, stage

from nhi.errors import InputError, UsageError
from nhi.flows.unlock import unlock_stack
from nhi.model.settings import S3Backend

LOCK = "6c3f1b9e-0000-4000-8000-000000000000"


@pytest.fixture
def one(tmp_path: Path) -> Stage:
    return stage(tmp_path)


def test_a_lock_in_s3_is_taken_away_and_an_older_plan_dropped(one: Stage) -> None:
    one.plan()
    one.terraform.calls.clear()
    local = rendered(one.tree)
    in_s3 = replace(local, stack=replace(local.stack, backend=S3Backend("b", "k", "us-east-1")))

    unlock_stack(one.terraform, in_s3, one.workspace, LOCK, quiet)

    assert one.terraform.calls == ["init", f"unlock {LOCK}"]
    with pytest.raises(InputError, match="holds no saved plan"):
        one.workspace.record()


def test_a_local_state_has_no_lock_that_outlives_its_holder(one: Stage) -> None:
    with pytest.raises(UsageError, match="whose lock ends with its holder"):
        unlock_stack(one.terraform, rendered(one.tree), one.workspace, LOCK, quiet)

    assert one.terraform.calls == []
