"""`tocsin places`: the places that texts name, asked on their own."""

import msgspec
import rich_click as click

from cli.questions import answer_all, require
from workers.extraction.countries import Countries
from workers.extraction.toponyms import Toponym, ToponymFinder


class _Question(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    id: str
    text: str
    language: str


class _Place(msgspec.Struct, frozen=True):
    text: str
    start: int
    end: int
    country: str | None
    admin1: str | None
    latitude: float | None
    longitude: float | None
    geonameid: str | None


class _Answer(msgspec.Struct, frozen=True):
    id: str
    places: list[_Place]


@click.command()
def places() -> None:
    """Find the places that texts name, without coding them.

    Reads one JSON object a line from standard input, `{"id", "text", "language"}`. Writes for each
    `{"id", "places": [{"text", "start", "end", "country", "admin1", "latitude", "longitude", "geonameid"}]}`,
    in the order of the text: the country as ISO 3166-1 alpha-3, GeoNames' number, null where it has none.
    """
    answer_all(_Question, _answer)


def _answer(question: _Question) -> _Answer:
    require(question.language, "sectors.toml", "words for actors, whom places must be told from,")
    found = ToponymFinder.load(question.language).find(question.text)
    return _Answer(question.id, [_shown(question.text, toponym) for toponym in found])


def _shown(text: str, toponym: Toponym) -> _Place:
    place = toponym.place
    country = Countries.load().by_code(place.country) if place.country else None
    return _Place(
        text=text[toponym.start : toponym.end],
        start=toponym.start,
        end=toponym.end,
        country=country.iso3 if country else None,
        admin1=place.admin1 or (place.name if place.kind == "admin1" else None),
        latitude=place.latitude,
        longitude=place.longitude,
        geonameid=str(place.geonameid) if place.geonameid is not None else None,
    )
