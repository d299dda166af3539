"""Records as a table for people."""

from collections.abc import Iterable, Iterator, Sequence

from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from schemas.event import Event

PRECISION = {1: "day", 2: "week", 3: "month"}
"""What ACLED's `time_precision` says of a date."""


def render(events: Sequence[Event]) -> RenderableType:
    """Show the records that count, and dimmed below them those that the default view withholds."""
    shown = [event for event in events if not event.withheld_because]
    withheld = [event for event in events if event.withheld_because]
    return Group(*_tables(shown, withheld))


def _tables(shown: Sequence[Event], withheld: Sequence[Event]) -> Iterator[RenderableType]:
    if shown:
        yield _table(f"{_count(shown)} of what happened", shown)
    if shown and withheld:
        yield ""
    if withheld:
        table = _table(f"{_count(withheld)} withheld unless asked for", withheld)
        table.style = "dim"
        yield table


def _table(title: str, events: Iterable[Event]) -> Table:
    table = Table(title=title, title_justify="left", title_style="bold", show_lines=True, expand=True)
    for heading in ("Type", "Actors", "Place"):
        table.add_column(heading, ratio=1, overflow="fold")
    for heading in ("Date", "Status"):
        table.add_column(heading, no_wrap=True)
    for event in events:
        table.add_row(_type(event), _actors(event), _place(event), _date(event), _status(event))
    return table


def _count(events: Sequence[Event]) -> str:
    return f"{len(events)} record{'' if len(events) == 1 else 's'}"


def _type(event: Event) -> Text:
    action = event.action if event.mode is None else f"{event.action} {event.mode}"
    if event.event_type is None:
        return Text(action)
    kinds = Text.assemble((event.event_type, "bold"), f"\n{event.sub_event_type}\n", (action, "dim"))
    if event.fatalities:
        kinds.append(f"\n{event.fatalities} killed", "red")
    return kinds


def _actors(event: Event) -> str:
    first = " with ".join(filter(None, (event.actor1, event.assoc_actor_1)))
    second = " with ".join(filter(None, (event.actor2, event.assoc_actor_2)))
    return "\n".join(filter(None, (first, f"→ {second}" if second else ""))) or "—"


def _place(event: Event) -> str:
    names = [event.location, event.admin1, event.country]
    return ", ".join(dict.fromkeys(name for name in names if name)) or "—"


def _date(event: Event) -> Text:
    return Text.assemble(f"{event.event_date}\n", (PRECISION[event.time_precision], "dim"))


def _status(event: Event) -> str:
    return (event.withheld_because or event.status.value).replace("_", " ")
