"""Serving the application."""

from contextlib import suppress
from types import FrameType
from typing import Final

import uvicorn

from api.app import create_app
from api.following import Followers
from schemas.settings import Settings
from workers import logs

DRAIN_SECONDS: Final = 5
"""How long requests that are being answered may take when the server stops."""


def serve(settings: Settings) -> None:
    """Serve until a signal says to stop; clients that wait for their jobs are answered at once then.

    Raises:
        SettingsError: There is no `redis_url`, or it is not the address of a Redis.

    """
    logs.configure(settings)
    app = create_app(settings)
    config = uvicorn.Config(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,  # `api.tracing` says more.
        log_level=settings.log_level.lower(),
        timeout_graceful_shutdown=DRAIN_SECONDS,
    )
    with suppress(KeyboardInterrupt):
        _Server(config, app.state.followers).run()


class _Server(uvicorn.Server):
    def __init__(self, config: uvicorn.Config, followers: Followers) -> None:
        super().__init__(config)
        self._followers = followers

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._followers.stop()
        super().handle_exit(sig, frame)
