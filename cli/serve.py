"""`tocsin serve`: the API."""

import errno
import os
import socket

import rich_click as click
from redis.exceptions import RedisError

from schemas.errors import QueueUnavailableError, SettingsError
from schemas.settings import Settings
from workers import queue
from workers.keys import KeyStore


@click.command()
def serve() -> None:
    """Serve the API.

    Needs REDIS_URL. Listens on TOCSIN_HOST and TOCSIN_PORT, 127.0.0.1:8000 unless they are set.
    Articles are coded by workers: start at least one with `tocsin worker`. On an address that other
    machines reach, it serves only those who show an API key, and does not start before there is one.
    """
    from api import server  # noqa: PLC0415 - `tocsin --help` need not wait for Litestar

    settings = Settings.from_environment(os.environ)
    queue.connect(settings).close()  # Only to be told now, and not by the server, what is wrong with it.
    require_free_port(settings)
    require_keys(settings)
    server.serve(settings)


def require_keys(settings: Settings) -> None:
    """Make sure that an API which other machines reach has keys to ask for.

    Raises:
        SettingsError: It has none; the message says how to make one.
        QueueUnavailableError: Redis, which has the keys, does not answer.

    """
    if settings.is_loopback:
        return
    try:
        with queue.connect(settings) as redis:
            if KeyStore(redis, settings).exist():
                return
    except RedisError as error:
        raise QueueUnavailableError(f"Redis does not answer: {error}") from error
    raise SettingsError(
        f"TOCSIN_HOST={settings.host!r} can be reached from other machines, and there is no API key yet. "
        "Make one with `tocsin keys create NAME`; or listen on 127.0.0.1, where none is needed."
    )


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
