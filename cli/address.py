"""Where the API is that the settings describe."""

from typing import Final

from schemas.settings import Settings

ANYWHERE: Final = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104 - where to reach who listens everywhere


def of(settings: Settings) -> str:
    """Give the address that a client on this machine reaches it at."""
    host = ANYWHERE.get(settings.host, settings.host)
    return f"http://[{host}]:{settings.port}" if ":" in host else f"http://{host}:{settings.port}"
