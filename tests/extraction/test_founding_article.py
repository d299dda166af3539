"""What comes out of the article that the project was founded on; its text is not ours to ship."""

from collections.abc import Iterable
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from schemas.article import Article, Extraction, PublicationSource
from schemas.event import Event
from schemas.taxonomy import Action, EventStatus, EventType, Inter, SubEventType
from workers.extraction.extractor import Extractor

ARTICLE = Path(__file__).parents[3] / "shared" / "corpus" / "fr" / "otan-kazakhstan-2022-01-06.txt"
PUBLISHED = date(2022, 1, 6)

pytestmark = pytest.mark.skipif(not ARTICLE.is_file(), reason=f"no ../{'/'.join(ARTICLE.parts[-4:])} here")


@pytest.fixture(scope="module")
def extraction(extractor: Extractor) -> Extraction:
    return extractor.extract(Article(text=ARTICLE.read_text()), datetime(2026, 1, 1, tzinfo=UTC))


@pytest.fixture(scope="module")
def events(extraction: Extraction) -> list[Event]:
    return extraction.events


def only(events: Iterable[Event]) -> Event:
    found = list(events)
    assert len(found) == 1, [(event.evidence.trigger.text, event.actor1, event.location) for event in found]
    return found[0]


def test_the_publication_date_is_read_from_the_text_day_first(extraction: Extraction) -> None:
    assert extraction.published_at == PUBLISHED
    assert extraction.published_at_source is PublicationSource.TEXT


def test_russian_paratroopers_arrive_in_almaty(events: list[Event]) -> None:
    arrival = only(
        event for event in events if event.action is Action.MOBILIZE and event.location == "Almaty"
    )
    assert arrival.event_type is EventType.STRATEGIC_DEVELOPMENTS
    assert arrival.sub_event_type is SubEventType.CHANGE_TO_GROUP
    assert arrival.status is EventStatus.OCCURRED
    assert arrival.actor1 == "Military Forces of Russia (2000-)"
    assert arrival.inter1 is Inter.EXTERNAL
    assert arrival.country == "Kazakhstan"
    assert (arrival.latitude, arrival.longitude) == pytest.approx((43.25, 76.91), abs=0.05)
    assert arrival.event_date == PUBLISHED
    assert arrival.time_precision == 2
    assert arrival.evidence.reasons["event_date"] == "publication_date"
    assert arrival.evidence.actor1
    assert "parachutistes" in arrival.evidence.actor1.text


def test_kazakh_citizens_protest(events: list[Event]) -> None:
    protest = only(event for event in events if event.evidence.trigger.text == "protestations")
    assert protest.event_type is EventType.PROTESTS
    assert protest.actor1 == "Protesters (Kazakhstan)"
    assert protest.country == "Kazakhstan"
    assert protest.location is None, "Almaty is where the paratroopers arrived"


def test_riots_in_almaty(events: list[Event]) -> None:
    riot = only(event for event in events if event.event_type is EventType.RIOTS)
    assert riot.actor1 == "Rioters (Kazakhstan)"
    assert (riot.location, riot.country) == ("Almaty", "Kazakhstan")
    assert riot.status is EventStatus.OCCURRED


def test_the_transfer_of_russian_units_goes_on(events: list[Event]) -> None:
    transfer = only(event for event in events if event.evidence.trigger.text == "transfert")
    assert transfer.actor1 == "Military Forces of Russia (2000-)"
    assert transfer.status is EventStatus.ONGOING
    assert (transfer.country, transfer.location) == ("Kazakhstan", None)


def test_belarusian_soldiers_are_flown_in(events: list[Event]) -> None:
    flight = only(event for event in events if event.actor1 and "Belarus" in event.actor1)
    assert flight.actor1 == "Military Forces of Belarus (1994-)"
    assert flight.inter1 is Inter.EXTERNAL
    assert flight.action is Action.MOBILIZE
    assert flight.country == "Kazakhstan"


def test_nato_meets_tomorrow_and_only_once(events: list[Event]) -> None:
    meeting = only(
        event for event in events if event.action is Action.CONSULT and event.status is EventStatus.PLANNED
    )
    assert meeting.event_date == date(2022, 1, 7)
    assert meeting.actor1
    assert meeting.actor1.startswith("NATO")
    assert meeting.event_type is None
    assert meeting.withheld_because == "out_of_scope"


def test_the_demonstration_that_was_warned_of_is_not_said_to_have_happened(events: list[Event]) -> None:
    warned = only(event for event in events if event.status is EventStatus.HYPOTHETICAL)
    assert warned.event_type is EventType.PROTESTS
    assert warned.event_date == date(2021, 12, 16)
    assert warned.withheld_because == "hypothetical"


def test_nothing_is_told_twice(events: list[Event]) -> None:
    keys = [
        (event.action, event.actor1, event.country, event.location, event.event_date, event.status)
        for event in events
    ]
    assert len(keys) == len(set(keys))


def test_capitals_that_stand_for_their_states_are_no_places(events: list[Event]) -> None:
    assert not {event.location for event in events} & {"Moscow", "Kyiv", "Kiev", "Moscou"}


def test_every_span_is_where_it_says(extraction: Extraction) -> None:
    for event in extraction.events:
        evidence = event.evidence
        for span in (evidence.sentence, evidence.trigger, evidence.actor1, evidence.location, evidence.date):
            if span is not None:
                assert extraction.text[span.start : span.end] == span.text
        assert (
            evidence.sentence.start <= evidence.trigger.start < evidence.trigger.end <= evidence.sentence.end
        )
