"""`tocsin worker`: one process that codes articles."""

import os

import rich_click as click

from schemas.settings import Settings


@click.command()
def worker() -> None:
    """Code articles, one at a time, as they are submitted.

    Needs REDIS_URL. Start one for each core. SIGTERM lets it finish its article; a second one makes it
    give the article up, for another worker to code.
    """
    from workers.main import run  # noqa: PLC0415 - `tocsin --help` need not wait for RQ

    run(Settings.from_environment(os.environ))
