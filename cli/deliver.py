"""`tocsin deliver`: one process that delivers messages to webhooks."""

import os

import rich_click as click

from schemas.settings import Settings


@click.command()
def deliver() -> None:
    """Deliver messages to webhooks and callback addresses.

    Needs REDIS_URL and TOCSIN_SECRET. One is enough for hundreds of deliveries at a time; more may run side
    by side. SIGTERM lets it finish those under way; what it leaves is delivered by the next one.
    """
    from workers.webhooks.delivering import run  # noqa: PLC0415 - `tocsin --help` need not wait for RQ

    run(Settings.from_environment(os.environ))
