"""`tocsin keys`: who may use the API."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

import rich_click as click
from msgspec.structs import replace
from rich.console import Console
from rich.table import Table
from rich.text import Text

from cli import redis_server
from schemas.access import Scope
from schemas.settings import Settings
from workers import queue
from workers.keys import KeyStore

SHOWN_ONCE = "This is the key; it is not shown again. Send it as `Authorization: Bearer KEY`."


@click.group()
def keys() -> None:
    """Make, list, rotate and revoke API keys.

    They are kept in the Redis that REDIS_URL names; without it, in that of `tocsin run`, whether it runs
    or not.
    """


@keys.command()
@click.argument("name")
@click.option("--owner", help="Whose jobs it opens; keys may share an owner. The name, unless given.")
@click.option(
    "--scope",
    "scopes",
    multiple=True,
    type=click.Choice([scope.value for scope in Scope]),
    default=[Scope.SUBMIT.value, Scope.READ.value],
    show_default=True,
    help="What it allows; may be given several times.",
)
@click.option("--days", type=click.FloatRange(min=0, min_open=True), help="Days until it expires.")
def create(name: str, owner: str | None, scopes: tuple[str, ...], days: float | None) -> None:
    """Make a key called NAME and print it."""
    expires_at = datetime.now(UTC) + timedelta(days=days) if days else None
    with _store() as store:
        key, token = store.create(name, owner or name, {Scope(scope) for scope in scopes}, expires_at)
    click.echo(token)
    click.echo(f"Key {key.id} of {key.owner}. {SHOWN_ONCE}", err=True)


@keys.command("list")
def list_() -> None:
    """Show all keys, without their secrets."""
    with _store() as store:
        found = store.list()
    table = Table("Id", "Name", "Owner", "Scopes", "Created", "Expires", "Last used")
    for key in found:
        scopes = " ".join(scope for scope in Scope if scope in key.scopes)
        times = (_day(key.created_at), _day(key.expires_at), _minute(key.last_used_at))
        # What people called it is not to be taken for markup.
        table.add_row(key.id, Text(key.name), Text(key.owner), scopes, *times)
    Console().print(table if found else "There are no keys.")


@keys.command()
@click.argument("key_id", metavar="ID")
@click.option(
    "--overlap",
    type=click.FloatRange(min=0),
    default=0.0,
    metavar="HOURS",
    help="How long the old secret is accepted besides the new one.",
)
def rotate(key_id: str, overlap: float) -> None:
    """Give the key ID a new secret and print it; name, owner and scopes stay."""
    with _store() as store:
        token = store.rotate(key_id, timedelta(hours=overlap))
    click.echo(token)
    until = f"is accepted for {overlap:g} h" if overlap else "is not accepted any more"
    click.echo(f"The old secret of key {key_id} {until}. {SHOWN_ONCE}", err=True)


@keys.command()
@click.argument("key_id", metavar="ID")
def revoke(key_id: str) -> None:
    """Forget the key ID, at once. What was submitted with it stays."""
    with _store() as store:
        store.revoke(key_id)
        was_last = not store.exist()
    click.echo(f"Key {key_id} is not accepted any more.")
    if was_last:
        click.echo("It was the last: on a loopback address, nobody is asked for a key now.", err=True)


@contextmanager
def _store() -> Iterator[KeyStore]:
    settings = Settings.from_environment(os.environ)
    with redis_server.reached(settings) as url, queue.connect(replace(settings, redis_url=url)) as redis:
        yield KeyStore(redis, settings)


def _day(time: datetime | None) -> str:
    return time.strftime("%Y-%m-%d") if time else "never"


def _minute(time: datetime | None) -> str:
    return time.strftime("%Y-%m-%d %H:%M") if time else "never"
