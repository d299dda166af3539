"""Reading what Redis replies."""

from collections.abc import Iterable

from rq.utils import as_text


def as_texts(members: Iterable[object]) -> list[str]:
    """Read the members of a set that was asked for without scores; redis-py's types allow for them."""
    return [as_text(member) for member in members if isinstance(member, bytes | str)]
