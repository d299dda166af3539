"""The answer of ACLED's API, as its clients read it."""

from typing import Any

import msgspec


class AcledAnswer(msgspec.Struct, frozen=True, kw_only=True):
    """Records in the envelope of ACLED's API.

    Attributes:
        status: 200.
        success: True.
        last_update: Hours since the latest record was made; 0 where there is none.
        count: How many records are in `data`.
        messages: Nothing; ACLED's clients expect it.
        data: The records, the latest day first, each with the fields that were asked for.
        filename: What to call a file of them.
        data_query_restrictions: Nothing; ACLED's clients expect it.

    """

    status: int = 200
    success: bool = True
    last_update: int
    count: int
    messages: list[str] = []
    data: list[dict[str, Any]]
    filename: str = "tocsin-events"
    data_query_restrictions: dict[str, Any] = {}
