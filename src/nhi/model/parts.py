"""A large stack in parts: several states, and which of them knows an identity."""

from hashlib import sha256


def part_names(parts: int) -> tuple[str, ...]:
    """The names of a stack's parts, in order. A stack in one piece has one part, whose name is empty.

    How many there are is in each name: an identity is in another part as soon as their number is another, and a state
    that was made for other parts must never be taken for one of these, since all that it knows would be destroyed.
    """
    return tuple(_name(number, parts) for number in range(parts))


def part_of(identity: str, parts: int) -> str:
    """The part that knows an identity, by its name alone: what else is declared or removed moves nobody."""
    return _name(int.from_bytes(sha256(identity.encode()).digest()) % parts, parts)


def parts_with(part: str) -> int:
    """How many parts a stack has that has this one."""
    return int(part.rpartition("-")[2]) if part else 1


def state_of(state: str, part: str) -> str:
    """Where a part's state is kept, in a stack whose own would be at `state`, a path or a key."""
    return f"{state}.{part}" if part else state


def _name(number: int, parts: int) -> str:
    return "" if parts == 1 else f"part-{number + 1:02}-of-{parts:02}"
