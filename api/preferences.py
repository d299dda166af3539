"""The `Prefer` header (RFC 7240)."""

import re
from typing import Annotated, Final, NamedTuple, Self

from litestar.params import HeaderParameter

_PREFERENCE: Final = re.compile(
    r"""(?P<separator>^|[,;])\s*(?P<name>[\w-]+)(?:\s*=\s*(?:"(?P<quoted>[^"]*)"|(?P<token>[^",;\s]*)))?""",
    re.ASCII,
)
"""A preference, or after a semicolon a parameter of one."""

PreferHeader = Annotated[
    str | None,
    HeaderParameter(
        name="Prefer",
        description="`wait=N` holds the answer until the job or batch is final, but N seconds at most; "
        "`respond-async` is understood, everything else ignored (RFC 7240).",
    ),
]
"""The header as a handler's parameter."""


class Preferences(NamedTuple):
    """What of a `Prefer` header is understood.

    Attributes:
        respond_async: Whether the client said that it will follow the job.
        wait: Seconds that it is willing to wait for the answer, or None.

    """

    respond_async: bool
    wait: int | None

    @classmethod
    def parse(cls, header: str | None, longest_wait: float) -> Self:
        """Read the header.

        Preferences that are unknown or make no sense are ignored; of two of a name the first counts.
        """
        found: dict[str, str] = {}
        for preference in _PREFERENCE.finditer(header or ""):
            if preference["separator"] != ";":
                value = preference["quoted"] or preference["token"] or ""
                found.setdefault(preference["name"].lower(), value)
        wait = found.get("wait", "")
        return cls(
            respond_async="respond-async" in found,
            wait=min(int(wait), int(longest_wait)) if re.fullmatch(r"[0-9]{1,9}", wait) else None,
        )

    @property
    def applied(self) -> dict[str, str]:
        """Say what was heeded, as a header; nothing if there was nothing to heed."""
        names = ["respond-async"] * self.respond_async
        if self.wait is not None:
            names.append(f"wait={self.wait}")
        return {"Preference-Applied": ", ".join(names)} if names else {}
