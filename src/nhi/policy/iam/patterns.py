"""IAM's patterns, in which `*` is any text and `?` any one character: what one matches, takes in, has in common.

Sources: https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_action.html and
https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html. Of ARNs the latter says that
a wildcard stands within a segment (what is between colons), and that a `*` at a segment's end can reach past the
colons. It leaves open whether another `*` ever does. Nothing here depends on the answer: `takes_in` is true only where
it holds both ways.

How: the patterns that should take in another one are run as one automaton whose states are the bits of an integer (bit
k is set while k tokens are matched; Baeza-Yates and Gonnet, "A new approach to text searching", CACM 35, 1992), and the
automaton of the other pattern is walked beside it, over the smallest sets of states alone (De Wulf and others,
"Antichains", CAV 2006). Where the walk gets too long, the answer is "not proven", never yes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import translate
from functools import lru_cache
from itertools import groupby

_MOST_STEPS = 2_000
"""Less than a millisecond or two. The patterns of a real policy take some hundreds."""
_ANY_ONE = "?"
_OTHER = "\0"
"""Stands for every character that no pattern names."""
_FIRST_WILDCARD = re.compile(r"[*?]|\$\{")
_VARIABLE = re.compile(r"\$\{[^}]*\}")
_ANY_VALUE = "\1"
"""Stands for a policy variable: as `*`, but no colon stops it (`${aws:userid}` has one)."""


def is_pattern(text: str) -> bool:
    """Whether IAM matches more than the text itself."""
    return "*" in text or "?" in text


def folded(action: str) -> str:
    """An action or a pattern as IAM compares it, without capitals; `*` is `*:*`, since every action has a colon."""
    return "*:*" if action and not action.strip("*") else action.lower()


def matches(pattern: str, text: str) -> bool:
    """Whether the pattern matches the text. Capitals count; fold both for actions."""
    return compiled(pattern).match(text) is not None


@lru_cache(maxsize=4096)
def compiled(pattern: str) -> re.Pattern[str]:
    """The pattern as a regular expression; `fnmatch` writes one that never goes back past a `*`. `[` is no wildcard."""
    return re.compile(translate(pattern.replace("[", "[[]")))


@dataclass(frozen=True, slots=True)
class Cover:
    """Patterns that together may take in another one."""

    texts: frozenset[str]
    """All of them as they are written."""
    wild: tuple[str, ...]
    """Those that match more than their own text, without those that may match nothing: what has a policy variable."""


@lru_cache(maxsize=2048)
def cover(patterns: tuple[str, ...]) -> Cover:
    """The patterns, sorted out."""
    wild = (one for one in patterns if is_pattern(one) and "${" not in one and _ANY_VALUE not in one)
    return Cover(frozenset(patterns), tuple(wild))


def takes_in(covering: Cover, pattern: str, *, arn: bool) -> bool:
    """Whether everything that the pattern matches is matched by one of the others. True is proven, False is not.

    With `arn`, under either reading of a wildcard inside a segment. A policy variable (`${aws:username}`) may stand for
    anything in `pattern`, and for nothing in what covers it.
    """
    if pattern in covering.texts or "*" in covering.texts:
        return True
    # Texts that are no patterns are left out: beside patterns they could help in very few cases, and never mislead.
    wild = tuple(one for one in covering.wild if _may_take_in(one, pattern))
    if not wild:
        return False
    spread = _VARIABLE.sub(_ANY_VALUE, pattern)
    readings = (False, True) if arn and any(map(_depends_on_segments, (*wild, spread))) else (False,)
    return all(_proven(wild, spread, segments) for segments in readings)


@lru_cache(maxsize=4096)
def have_in_common(one: str, other: str) -> bool:
    """Whether some text is matched by both patterns, wildcards reaching past colons."""
    machine = _machine((one,), segments=False)
    tokens = _tokens(other, segments=False)
    reached = machine.start
    for place, character in enumerate(tokens.text):
        if place in tokens.loops:
            reached = machine.onwards(reached)
        reached = machine.any_step(reached) if character == _ANY_ONE else machine.step(reached, character)
        if not reached:
            return False
    if len(tokens.text) in tokens.loops:
        reached = machine.onwards(reached)
    return bool(reached & machine.accept)


@dataclass(frozen=True, slots=True)
class _Tokens:
    """A pattern without its `*`: the literals and `?` that stand in turn, and where any text may stand before them."""

    text: str
    loops: frozenset[int]
    """Before which token, or at the end, there is a `*`."""
    walls: frozenset[int]
    """Those of them that no colon passes."""


@dataclass(frozen=True, slots=True)
class _Machine:
    """Some patterns as one automaton: a state is a bit, what is reached is an integer."""

    start: int
    accept: int
    loops: int
    loops_on_colon: int
    moves: dict[str, int]
    """Character → the states that it leads one further; for all others, those whose next token is `?`."""

    def step(self, reached: int, character: str) -> int:
        stays = self.loops_on_colon if character == ":" else self.loops
        return (reached & self.moves.get(character, self.moves[_OTHER])) << 1 | reached & stays

    def any_step(self, reached: int) -> int:
        """By whichever character leads on."""
        return reached << 1 | reached & self.loops

    def onwards(self, reached: int) -> int:
        """By any text, for a machine of one pattern: everything from the first state on."""
        return -(reached & -reached) & (self.accept << 1) - 1


@lru_cache(maxsize=8192)
def _tokens(pattern: str, *, segments: bool) -> _Tokens:
    text: list[str] = []
    loops: set[int] = set()
    walls: set[int] = set()
    place = 0
    for is_star, run in groupby(pattern, lambda character: character in {"*", _ANY_VALUE}):
        characters = list(run)
        place += len(characters)
        if is_star:
            loops.add(len(text))
            if segments and _ANY_VALUE not in characters and pattern[place : place + 1] not in {"", ":"}:
                walls.add(len(text))
        else:
            text += characters
    return _Tokens("".join(text), frozenset(loops), frozenset(walls))


@lru_cache(maxsize=1024)
def _machine(patterns: tuple[str, ...], *, segments: bool) -> _Machine:
    start = accept = loops = walls = anything = 0
    named: dict[str, int] = {":": 0}
    base = 0
    for tokens in (_tokens(pattern, segments=segments) for pattern in patterns):
        start |= 1 << base
        accept |= 1 << (base + len(tokens.text))
        loops |= sum(1 << (base + place) for place in tokens.loops)
        walls |= sum(1 << (base + place) for place in tokens.walls)
        for place, character in enumerate(tokens.text, base):
            if character == _ANY_ONE:
                anything |= 1 << place
            else:
                named[character] = named.get(character, 0) | 1 << place
        base += len(tokens.text) + 1
    moves = {character: states | anything for character, states in named.items()} | {_OTHER: anything}
    if segments:
        moves[":"] = named[":"]
    return _Machine(start, accept, loops, loops & ~walls, moves)


@lru_cache(maxsize=16_384)
def _proven(wild: tuple[str, ...], pattern: str, segments: bool) -> bool:  # noqa: FBT001 - cached, so by position
    machine = _machine(wild, segments=segments)
    tokens = _tokens(pattern, segments=segments)
    if not all(_accepts(machine, _filled(tokens, filler)) for filler in ("", _OTHER)):
        return False
    alphabet = tuple(machine.moves)
    smallest: dict[int, list[int]] = {0: [machine.start]}
    ahead = [(0, machine.start)]
    steps = 0
    while ahead and steps < _MOST_STEPS:
        place, reached = ahead.pop()
        if not reached or (place == len(tokens.text) and not reached & machine.accept):
            return False
        for after, character in _steps(tokens, place, alphabet, segments=segments):
            steps += 1
            states = machine.step(reached, character)
            known = smallest.setdefault(after, [])
            # What is covered from fewer states is covered from more.
            if not any(fewer & states == fewer for fewer in known):
                known[:] = [one for one in known if one & states != states]
                known.append(states)
                ahead.append((after, states))
    return not ahead


def _filled(tokens: _Tokens, filler: str) -> str:
    """A text that the pattern matches: the shortest, or one with a character that nobody names for each wildcard."""
    placed = (f"{filler if place in tokens.loops else ''}{one}" for place, one in enumerate(tokens.text))
    return f"{''.join(placed)}{filler if len(tokens.text) in tokens.loops else ''}".replace(_ANY_ONE, _OTHER)


def _accepts(machine: _Machine, text: str) -> bool:
    reached = machine.start
    for character in text:
        reached = machine.step(reached, character)
        if not reached:
            return False
    return bool(reached & machine.accept)


def _steps(tokens: _Tokens, place: int, alphabet: tuple[str, ...], *, segments: bool) -> Iterator[tuple[int, str]]:
    """Where a pattern can go from a place, and by which character."""
    if place < len(tokens.text):
        wanted = tokens.text[place]
        for character in alphabet if wanted == _ANY_ONE else (wanted,):
            if wanted != _ANY_ONE or character != ":" or not segments:
                yield place + 1, character
    if place in tokens.loops:
        for character in alphabet:
            if character != ":" or place not in tokens.walls:
                yield place, character


def _depends_on_segments(pattern: str) -> bool:
    return _ANY_ONE in pattern or bool(_tokens(pattern, segments=True).walls)


def _may_take_in(wider: str, pattern: str) -> bool:
    """A quick no: what stands before the first wildcard differs."""
    return _FIRST_WILDCARD.split(pattern, maxsplit=1)[0].startswith(_FIRST_WILDCARD.split(wider, maxsplit=1)[0])
