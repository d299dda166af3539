"""Where events took place, and what one sentence tells of one event."""

from datetime import UTC, datetime

import pytest

from schemas.article import Article
from schemas.event import Event
from workers.extraction.extractor import Extractor


def coded(extractor: Extractor, text: str, language: str = "en") -> list[Event]:
    article = Article(text=text, language=language, published_at="2023-03-14")
    return extractor.extract(article, datetime(2023, 3, 14, tzinfo=UTC)).events


def shown(events: list[Event]) -> Event:
    """The one event that the default view has."""
    (event,) = [event for event in events if event.withheld_because is None]
    return event


@pytest.mark.parametrize(
    ("language", "text", "location", "country", "precision"),
    [
        ("en", "Gunmen killed five soldiers in Gao on Monday.", "Gao", "Mali", 1),
        ("en", "Militants shelled the village of Mardes on Monday.", "Mardes", None, None),
        ("en", "Rebels attacked troops near Aleppo on Monday.", "Aleppo", "Syria", 2),
        ("en", "A car bomb exploded in the Al-Bayda neighbourhood of Homs.", "Homs - Al-Bayda", "Syria", 1),
        ("en", "Russian forces shelled Kharkiv on Monday.", "Kharkiv", "Ukraine", 1),
        ("en", "Gunmen killed five soldiers north of Aleppo.", "Aleppo", "Syria", 2),
        ("en", "Militants stormed the Mali town of Gao on Monday.", "Gao", "Mali", 1),
        ("en", "Militants shelled the town of al-Mardes in northern Syria.", "al-Mardes", "Syria", None),
        ("en", "Rebels attacked soldiers at Jabal Mardes on Monday.", "Jabal Mardes", None, None),
        ("en", "In the countryside of Aleppo, militants stormed Zarbiyah on Monday.", "Zarbiyah", None, None),
        ("en", "Rebels attacked army positions on the roads to the city of Homs.", "Homs", "Syria", 1),
        ("en", "Gunmen attacked villages including Mardes and Toro in Mali.", "Mardes", "Mali", None),
        ("en", "Gunmen killed a teacher from Kidal in Gao.", "Gao", "Mali", 1),
        ("en", "At 8 P.M. (Damascus time), rebels attacked troops in Homs.", "Homs", "Syria", 1),
        ("en", "After the clashes in Gao on Monday, gunmen shot a man in the town.", "Gao", "Mali", 1),
        ("en", "Gunmen killed five people in a market in Kisumu's city center.", "Kisumu", "Kenya", 1),
        ("en", "An offensive by militants backed by Ankara hit troops in Homs.", "Homs", "Syria", 1),
        ("fr", "Des hommes armés ont tué cinq soldats au nord de Kidal.", "Kidal", "Mali", 2),
        ("fr", "Des hommes armés ont tué cinq soldats près de Gao lundi.", "Gao", "Mali", 2),
        ("fr", "Des hommes armés ont tué cinq soldats dans la région de Gao.", "Gao", "Mali", 3),
    ],
)
def test_where(
    extractor: Extractor, language: str, text: str, location: str, country: str | None, precision: int | None
) -> None:
    event = shown(coded(extractor, text, language))
    assert (event.location, event.country, event.geo_precision) == (location, country, precision)
    assert (event.latitude is None) == (precision is None)


def test_a_source_is_elsewhere(extractor: Extractor) -> None:
    event = shown(coded(extractor, "According to a source in Damascus, gunmen killed five soldiers in Gao."))
    assert event.location == "Gao"


def test_what_a_further_clause_tells_is_part_of_the_event(extractor: Extractor) -> None:
    events = coded(extractor, "Shelling hit a trolleybus in Donetsk on Thursday, killing eight people.")
    event = shown(events)
    (part,) = [other for other in events if other.evidence.trigger.text == "killing"]
    assert part.part_of == event.event_id_cnty
    assert part.event_type is None
    assert part.location == event.location == "Donetsk"
    assert (event.fatalities, part.fatalities) == (8, 0)
    assert part.evidence.trigger in event.evidence.mentions


@pytest.mark.parametrize(
    ("text", "trigger"),
    [
        ("The air strike targeted the village of Mardes on Monday.", "targeted"),
        ("The school in Mardes town was hit by an air strike on Monday.", "hit"),
        ("After an air strike, rebels launched an attack on soldiers in Gao.", "launched an attack"),
        ("Rebels launched an offensive on Monday that targeted villages near Gao.", "targeted"),
        ("Gunmen stormed a village in the Gao region, killing ten people.", "killing"),
        ("A suicide bomber detonated his explosives in Gao on Monday.", "detonated"),
    ],
)
def test_what_strikes_a_place_is_told_by_its_verb(extractor: Extractor, text: str, trigger: str) -> None:
    events = coded(extractor, text)
    event = shown(events)
    (part,) = [other for other in events if other.evidence.trigger.text == trigger]
    assert (part.part_of, part.location) == (event.event_id_cnty, event.location)


@pytest.mark.parametrize(
    ("text", "dead"),
    [
        ("Two rebels were killed after refusing a peace deal.", 2),
        ("No fewer than ten people were killed by gunmen in Gao.", 10),
        ("Two employees of a hospital were gunned down in Kano on Monday.", 2),
    ],
)
def test_what_a_word_in_another_clause_does_not_undo(extractor: Extractor, text: str, dead: int) -> None:
    event = shown(coded(extractor, text))
    assert (event.status, event.fatalities) == ("occurred", dead)


def test_who_launches_an_attack_is_its_actor_and_the_verb_no_part_of_it(extractor: Extractor) -> None:
    (event,) = coded(extractor, "Islamic State launched an offensive in Gao on Monday.")
    assert event.evidence.trigger.text == "launched an offensive"
    assert event.evidence.actor1 is not None
    assert event.evidence.actor1.text == "Islamic State"
