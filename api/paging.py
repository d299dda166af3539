"""Lists a page at a time: tokens that say where the next page begins, and tell a client nothing."""

from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Annotated, Final, TypeVar

import msgspec
from litestar.params import QueryParameter

from api.filters import refusal

T = TypeVar("T")

DEFAULT_SIZE: Final = 100
LARGEST_SIZE: Final = 1000

PageSize = Annotated[
    int,
    QueryParameter(
        description=f"How many there may be on the page; {DEFAULT_SIZE} if it is 0, and never more than "
        f"{LARGEST_SIZE}.",
        ge=0,
    ),
]
PageToken = Annotated[
    str | None,
    QueryParameter(description="The `next_page_token` of the page before; absent for the first page."),
]


def limited(page_size: int) -> int:
    """Bring the size that was asked for down to what is given."""
    return min(page_size or DEFAULT_SIZE, LARGEST_SIZE)


def write_token(place: object) -> str:
    """Make the token of the page that begins after a place."""
    return urlsafe_b64encode(msgspec.json.encode(place)).decode().rstrip("=")


def read_token(token: str | None, kind: type[T]) -> T | None:
    """Read after which place the page begins; None for the first page.

    Raises:
        ValidationException: It is not a token that `write_token` made.

    """
    if token is None:
        return None
    try:
        place = msgspec.json.decode(urlsafe_b64decode(token + "=" * (-len(token) % 4)), type=kind)
    except (ValueError, msgspec.DecodeError):
        place = None
    if place is None or write_token(place) != token:
        raise refusal("page_token", "This is not the `next_page_token` of another page")
    return place
