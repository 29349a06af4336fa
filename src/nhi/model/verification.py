"""What an independent look at the cloud says about one identity. Unknown is an answer of its own, never "absent"."""

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeAlias

from nhi.model.identity import Json


@dataclass(frozen=True, slots=True)
class ExpectedRole:
    """One IAM role as the manifest declares it."""

    name: str
    path: str
    """`/nhi/<stack>/`."""
    trust: Json
    inline: Mapping[str, Json]
    """Policy name → policy document; the role has these and no others."""
    attached: tuple[str, ...]
    """ARNs of managed policies; the role has these and no others."""
    tags: Mapping[str, str]
    max_session_seconds: int


@dataclass(frozen=True, slots=True)
class ExpectedUser:
    """One IAM user as the manifest declares it. It is in no group and has no password for the console."""

    name: str
    path: str
    """`/nhi/<stack>/`."""
    inline: Mapping[str, Json]
    """Policy name → policy document; the user has these and no others."""
    attached: tuple[str, ...]
    tags: Mapping[str, str]
    access_keys: tuple[str, ...]
    """The status (`Active`, `Inactive`) of each access key, the newest first; the user has so many and no others."""


@dataclass(frozen=True, slots=True)
class ExpectedSecret:
    """One secret of Secrets Manager: that it is there, never what it holds."""

    name: str
    tags: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ExpectedEventRule:
    """One EventBridge rule of the default bus, in the stack's region."""

    name: str
    pattern: Json
    targets: tuple[str, ...]
    """ARNs; the rule has these and no others."""
    state: str = "ENABLED"
    """Or `ENABLED_WITH_ALL_CLOUDTRAIL_MANAGEMENT_EVENTS`: it then also gets what CloudTrail counts as reading."""


@dataclass(frozen=True, slots=True)
class Expectation:
    """Everything that one identity must have in the cloud: at least one role or user."""

    roles: tuple[ExpectedRole, ...] = ()
    users: tuple[ExpectedUser, ...] = ()
    secrets: tuple[ExpectedSecret, ...] = ()
    event_rules: tuple[ExpectedEventRule, ...] = ()


@dataclass(frozen=True, slots=True)
class Difference:
    """One way in which what stands in the cloud is not what was declared."""

    where: str
    """For a person, such as `role ledger-writer, trust policy`."""
    expected: str
    found: str


@dataclass(frozen=True, slots=True)
class Present:
    """It stands in the cloud; as declared where there are no differences."""

    differences: tuple[Difference, ...] = ()


@dataclass(frozen=True, slots=True)
class Absent:
    """The cloud says that it does not exist, and nothing else carries its id."""


@dataclass(frozen=True, slots=True)
class CouldNotTell:
    """We could not find out. `reason` says why, for a person."""

    reason: str


Answer: TypeAlias = Present | Absent | CouldNotTell


class Wanted(StrEnum):
    """What should be the case."""

    PRESENT = "present"
    ABSENT = "absent"


@dataclass(frozen=True, slots=True)
class Verified:
    """What was found of one identity."""

    identity: str
    wanted: Wanted
    answer: Answer

    @property
    def holds(self) -> bool:
        """Whether what was found is what should be."""
        match self.answer:
            case Present(differences):
                return self.wanted is Wanted.PRESENT and not differences
            case Absent():
                return self.wanted is Wanted.ABSENT
            case CouldNotTell():
                return False
