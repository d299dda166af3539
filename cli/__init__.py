"""The `tocsin` command: one module a subcommand, and what they share."""

import sys

import rich_click as click

from cli.actors import actors
from cli.dates import dates
from cli.deliver import deliver
from cli.extract import extract
from cli.keys import keys
from cli.listen import listen
from cli.models import models
from cli.places import places
from cli.run import run
from cli.serve import serve
from cli.submit import submit
from cli.worker import worker
from schemas.errors import SettingsError, TocsinError


class _InOrder(click.RichGroup):
    """Lists its subcommands as they were added, the first that one needs first."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - as Click calls it
        return list(self.commands)


@click.group(cls=_InOrder)
@click.version_option(package_name="tocsin", message="Tocsin %(version)s")
def tocsin() -> None:
    """News articles in, ACLED-style event records out.

    Settings are environment variables: REDIS_URL and those that begin with TOCSIN_. The README lists
    them.
    """


for command in (run, serve, worker, deliver, keys, submit, extract, dates, places, actors, models, listen):
    tocsin.add_command(command)


def main() -> None:
    """Run the command; what Tocsin expects to go wrong ends in one line, not in a traceback."""
    try:
        tocsin(prog_name="tocsin")
    except TocsinError as error:
        sys.stderr.write(f"tocsin: {error}\n")
        sys.exit(2 if isinstance(error, SettingsError) else 1)
