"""What an action on a resource means, in words: "delete objects in bucket x", "read items in table ledger".

Made of the names that AWS gives: an action's name is a verb and a noun, an ARN names a kind and a thing. What is no
such name is shown as it is written. Everything from a policy is one line of printable ASCII, and bounded; to escape it
for Markdown is the output's business.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile

from nhi.policy.iam.access import Grants
from nhi.policy.iam.actions import actions_matching, data_date, service
from nhi.policy.iam.patterns import is_pattern
from nhi.policy.iam.statement import words as condition_words

_PLAIN = re.compile(r"[A-Za-z0-9:*?/_.@=+,#{}$ -]{1,200}")
_LONGEST = 200
_WORD = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[a-z]+|[A-Z]+|[0-9]+")
_SEPARATOR = re.compile(r"[/:]")
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9]*")
_MOST_PLACES = 3
_SEGMENTS = 6

_FORE = {"Admin", "Batch"}
_VERBS = {
    "get": "read",
    "head": "read",
    "download": "read",
    "put": "write",
    "upload": "write",
    "update": "change",
    "modify": "change",
    "set": "change",
    "reencrypt": "re-encrypt",
}
"""Verbs of action names for which people have another word."""
_TOWARDS = {"send": "to", "subscribe": "to", "attach": "to", "add": "to", "receive": "from", "detach": "from"}
_ALONE = {"publish": "to", "subscribe": "to", "decrypt": "with", "encrypt": "with", "sign": "with", "verify": "with"}
"""What stands after a verb without a noun: "publish to topic orders"."""
_UNCOUNTED = ("data", "information", "s")
_ASIDE = {"By", "For"}
"""What follows says how, not what: `GetParametersByPath`."""
_ANYWHERE = "anywhere"


@dataclass(frozen=True, slots=True)
class Home:
    """The account and region that need not be named, because everything of the identity is there."""

    account: str
    region: str


@dataclass(frozen=True, slots=True)
class _Place:
    kind: str
    """`table`; empty where it is not known."""
    text: str


def shown(text: str) -> str:
    """Text from a policy: as it is where it is plain, else in quotes with escapes; cut where it is long."""
    if _PLAIN.fullmatch(text):
        return text
    quoted = ascii(text[:_LONGEST])
    if len(text) <= _LONGEST and len(quoted) <= 2 * _LONGEST:
        return quoted
    return f"{quoted[: 2 * _LONGEST].removesuffix(quoted[0])}...{quoted[0]}"


def phrase(actions: Sequence[str], resources: Sequence[str], home: Home | None = None) -> str:
    """What may be done to what, to follow "may": "read, write and delete objects in bucket x"."""
    places = list(dict.fromkeys(_place(one, home) for one in resources))
    everywhere = [one for one in places if one.text == _ANYWHERE]
    if everywhere:
        places = [_Place("", _anywhere(actions))]
    kinds = {one.kind for one in places}
    kind = next(iter(kinds)) if len(kinds) == 1 else ""
    groups: dict[tuple[str, str], list[str]] = {}
    whole = []
    for action in dict.fromkeys(actions):
        found = _named(action, kind)
        if found is None:
            whole.append(_pattern_words(action) if is_pattern(action) else f"use {shown(action)}")
        else:
            verb, noun, joint = found
            groups.setdefault((noun, joint), []).append(verb)
    done = [
        " ".join(filter(None, (_listed(list(dict.fromkeys(verbs))), noun, "" if everywhere else joint)))
        for (noun, joint), verbs in groups.items()
    ]
    if whole:
        done.append(_listed(whole) if everywhere else f"{_listed(whole)} on")
    return f"{_listed(done)} {_listed([one.text for one in places], most=_MOST_PLACES)}"


def sentences(grants: Grants, home: Home | None = None) -> tuple[str, ...]:
    """What the grants mean, a line for what is allowed on the same things; the last says how many are not shown."""
    lines: dict[tuple[str, str], list[str]] = {}
    for one in grants.first:
        under = _under(one.allowed_before, condition_words(one.conditions))
        lines.setdefault((one.resource, under), []).append(one.action)
    alike: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for (resource, under), actions in lines.items():
        alike.setdefault((tuple(actions), under), []).append(resource)
    found = [f"{phrase(actions, resources, home)}{under}" for (actions, under), resources in alike.items()]
    left = grants.count - len(grants.first)
    return (*found, f"and {left} more") if left else tuple(found)


def _under(allowed_before: bool, conditions: str) -> str:  # noqa: FBT001 - a private word of `sentences`
    if allowed_before:
        return f", now under: {shown(conditions)}" if conditions else ", now without a condition"
    return f", if {shown(conditions)}" if conditions else ""


def _named(action: str, kind: str) -> tuple[str, str, str] | None:
    """Verb, noun and the word that joins them to the place; None for what is no name."""
    _, colon, name = action.partition(":")
    if not colon or not _NAME.fullmatch(name) or len(name) > _LONGEST:
        return None
    parts = _WORD.findall(name)
    first, *rest = parts[1:] if parts[0] in _FORE and len(parts) > 1 else parts
    verb = first.lower()
    told = list(takewhile(lambda one: one not in _ASIDE, rest))
    noun = " ".join(one if one.isupper() and len(one) > 1 else one.lower() for one in told)
    said = _VERBS.get(verb, verb)
    if not noun:
        return said, "", _ALONE.get(verb, "")
    if kind and noun.removesuffix("s") == kind.removesuffix("s"):
        return said, "", ""
    return said, _plural(noun), _TOWARDS.get(verb, "in") if kind else "on"


def _plural(noun: str) -> str:
    if noun.endswith(_UNCOUNTED):
        return noun
    return f"{noun[:-1]}ies" if noun.endswith("y") and noun[-2:-1] not in "aeiou" else f"{noun}s"


def _pattern_words(action: str) -> str:
    if not action.strip("*:"):
        return "do everything"
    prefix, _, name = action.lower().partition(":")
    count = len(actions_matching(action))
    if not name.strip("*") and not is_pattern(prefix):
        found = service(prefix)
        return (
            f"do everything of {shown(prefix) if found is None else found.title} ({count} actions as of {data_date()})"
        )
    return f"do all that {shown(action)} names ({count} actions as of {data_date()})"


def _place(resource: str, home: Home | None) -> _Place:
    if not resource.strip("*"):
        return _Place("", _ANYWHERE)
    segments = resource.split(":", _SEGMENTS - 1)
    if len(segments) < _SEGMENTS or is_pattern(segments[2]) or not segments[5]:
        return _Place("", shown(resource))
    _, _, owner, region, account, rest = segments
    if owner == "s3" and not region and not account:
        return _bucket(rest)
    kind, name = _kind_and_name(owner, rest)
    if not kind or is_pattern(kind):
        return _Place("", shown(resource))
    name = name.removesuffix(":*") or name
    if not name.strip("*"):
        text = f"every {kind}"
    else:
        text = f"every {kind} named {shown(name)}" if is_pattern(name) else f"{kind} {shown(name)}"
    return _Place(kind, f"{text}{_abroad(region, account, home)}")


def _anywhere(actions: Sequence[str]) -> str:
    prefixes = {one.partition(":")[0].lower() for one in actions}
    known = service(prefixes.pop()) if len(prefixes) == 1 else None
    return _ANYWHERE if known is None else f"{_ANYWHERE} in {known.title}"


def _bucket(rest: str) -> _Place:
    bucket, slash, key = rest.partition("/")
    named = "every bucket" if not bucket.strip("*") else f"bucket {shown(bucket)}"
    if not slash or not key.strip("*"):
        return _Place("bucket", named)
    below = key.endswith("*") and not is_pattern(key[:-1])
    return _Place("bucket", f"{named} {'below' if below else 'at'} {shown(key[:-1] if below else key)}")


def _kind_and_name(owner: str, rest: str) -> tuple[str, str]:
    """The kind as a word, empty where the service's ARNs do not begin with one, and the name."""
    known = service(owner)
    ends = {} if known is None else {kind: arn.split(":", _SEGMENTS - 1)[-1] for kind, arn in known.resources.items()}
    cut = _SEPARATOR.search(rest)
    if cut is None:
        kinds = [kind for kind, end in ends.items() if end == "*"]
        return (_spaced(kinds[0]), rest) if len(kinds) == 1 else ("", rest)
    head = rest[: cut.start()]
    is_kind = not is_pattern(head) and any(end.startswith(rest[: cut.end()]) for end in ends.values())
    return (_spaced(head) if is_kind else "", rest[cut.end() :])


def _spaced(kind: str) -> str:
    return " ".join(_WORD.findall(kind)).lower()


def _abroad(region: str, account: str, home: Home | None) -> str:
    """Where it is, as far as it is not at home."""
    elsewhere = [
        *([f"account {shown(account)}"] if account and (home is None or account != home.account) else []),
        *([f"region {shown(region)}"] if region and (home is None or region != home.region) else []),
    ]
    return f" ({', '.join(elsewhere)})" if elsewhere else ""


def _listed(words: Sequence[str], most: int = 6) -> str:
    shown_words = [*words[:most], *([f"{len(words) - most} more"] if len(words) > most else [])]
    *others, last = shown_words or [""]
    return f"{', '.join(others)} and {last}" if others else last
