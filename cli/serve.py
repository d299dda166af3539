"""`tocsin serve`: the API."""

import errno
import os
import socket

import rich_click as click

from schemas.errors import SettingsError
from schemas.settings import Settings
from workers import queue


@click.command()
def serve() -> None:
    """Serve the API.

    Needs REDIS_URL. Listens on TOCSIN_HOST and TOCSIN_PORT, 127.0.0.1:8000 unless they are set.
    Articles are coded by workers: start at least one with `tocsin worker`.
    """
    from api import server  # noqa: PLC0415 - `tocsin --help` need not wait for Litestar

    settings = Settings.from_environment(os.environ)
    queue.connect(settings).close()  # Only to be told now, and not by the server, what is wrong with it.
    require_free_port(settings)
    server.serve(settings)


def require_free_port(settings: Settings) -> None:
    """Make sure that the API can listen where it should.

    Raises:
        SettingsError: It cannot; the message names the setting.

    """
    address = f"{settings.host}:{settings.port}"
    try:
        family, kind, protocol, _, target = socket.getaddrinfo(
            settings.host, settings.port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(target)
    except OSError as error:
        if error.errno == errno.EADDRINUSE:
            raise SettingsError(
                f"Port {settings.port} is taken: another program listens on {address}. "
                f"Stop it, or choose another port: TOCSIN_PORT={settings.port + 1}."
            ) from error
        if error.errno == errno.EACCES:
            raise SettingsError(
                f"Port {settings.port} is reserved for root; set TOCSIN_PORT to 1024 or higher."
            ) from error
        raise SettingsError(
            f"TOCSIN_HOST={settings.host!r} is not an address of this machine "
            f"({error.strerror or os.strerror(error.errno or 0)})."
        ) from error
