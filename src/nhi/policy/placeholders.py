"""Texts that fill a field and tell nothing."""

import re

_MARKER = re.compile(r"\b(TODO|TBD|TBA|FIXME|XXX)\b|^[<\[].*[>\]]$|^(?:todo|tbd|tba|fixme):", re.DOTALL)
_WORD = re.compile(r"[^\W\d_]{2,}")
_EMPTY_TEXT = """
todo tbd tba fixme xxx na none null nil no yes ok unknown later changeme placeholder dummy asdf qwer qwerty zxcv blah
foo bar baz lorem ipsum dolor sit amet test tests testing tmp temp temporary demo example sample nothing not applicable
required needed necessary because reason see above below ticket the and for it is we as to be
"""
_EMPTY = frozenset(_EMPTY_TEXT.split())
_FIRST_UNSPLIT = "\u0900"
"""From here on scripts set no spaces between words, or have vowel signs that would split them."""
_FEWEST_LETTERS = 6


def is_placeholder(text: str) -> bool:
    """Whether the text is marked as to be filled in, or has no word that says anything."""
    stripped = text.strip()
    return bool(_MARKER.search(stripped)) or not words(stripped) - _EMPTY


def says_enough(text: str, fewest: int) -> bool:
    """Whether so many different words say something. Where words cannot be told apart, letters are counted."""
    if len(words(text) - _EMPTY) >= fewest:
        return True
    return sum(letter.isalpha() and letter >= _FIRST_UNSPLIT for letter in text) >= _FEWEST_LETTERS


def words(text: str) -> frozenset[str]:
    """The text's words, whatever their case and order."""
    return frozenset(_WORD.findall(text.casefold()))
