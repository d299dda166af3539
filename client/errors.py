"""What can go wrong between a client and the service."""

from schemas.errors import TocsinError


class UnreachableError(TocsinError):
    """The service does not answer."""

    code = "unreachable"


class RefusedError(TocsinError):
    """The service answered with a problem; the message is its detail.

    Attributes:
        status: The HTTP status.
        kind: The type of problem, an address at the service that explains it.

    """

    code = "refused"

    def __init__(self, detail: str, status: int, kind: str) -> None:
        super().__init__(detail)
        self.status = status
        self.kind = kind
