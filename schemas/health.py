"""What the service says about its own state."""

from typing import Literal

import msgspec


class Liveness(msgspec.Struct, frozen=True, kw_only=True):
    """The process answers.

    Attributes:
        status: Always `alive`.

    """

    status: Literal["alive"] = "alive"


class Readiness(msgspec.Struct, frozen=True, kw_only=True):
    """Articles are taken in and coded.

    Attributes:
        status: Always `ready`; what is not ready answers with a problem.
        workers: How many workers are alive and have their models loaded.
        languages: ISO 639-1 codes of the languages that can be coded.

    """

    status: Literal["ready"] = "ready"
    workers: int
    languages: tuple[str, ...]
