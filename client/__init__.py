"""A client of Tocsin's API, to wait for or to await: `Client` and `AsyncClient`, with the same methods."""

from client.asynchronous import AsyncClient
from client.blocking import Client
from client.errors import RefusedError, UnreachableError

__all__ = ["AsyncClient", "Client", "RefusedError", "UnreachableError"]
