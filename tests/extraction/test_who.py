"""Who does it to whom: one case a line, for who reads the records beside the article."""

from datetime import UTC, datetime

import pytest

from schemas.article import Article
from schemas.event import Event
from schemas.taxonomy import Action
from workers.extraction.extractor import Extractor

SUBMITTED = datetime(2023, 3, 14, 12, tzinfo=UTC)


def events(extractor: Extractor, language: str, text: str) -> list[Event]:
    article = Article(text=text, language=language, published_at="2023-03-14")
    return extractor.extract(article, SUBMITTED).events


def words(event: Event) -> tuple[str, str]:
    """What the record says of both sides in the article's own words."""
    evidence = event.evidence
    return (
        evidence.actor1.text if evidence.actor1 else "",
        evidence.actor2.text if evidence.actor2 else "",
    )


@pytest.mark.parametrize(
    ("text", "action", "source", "target"),
    [
        ("Russia condemned an attack by rebel soldiers in Homs.", "ACCUSE", "Russia", "rebel soldiers"),
        ("France imposed sanctions against Iran.", "SANCTION", "France", "Iran"),
        ("Trump discussed Libya with Erdogan.", "CONSULT", "Trump", "Erdogan"),
        ("Canada urged Myanmar to free prisoners.", "REQUEST", "Canada", "Myanmar"),
        # Whose a thing is, before whom it is about.
        ("Norway criticized Brazil's decision to allow Peru to fish.", "ACCUSE", "Norway", "Brazil"),
        # Against whom, whatever it was hung on.
        ("Chad filed a lawsuit in a court in Geneva against Libya.", "ACCUSE", "Chad", "Libya"),
        # One subject, and whom the clause above is done to.
        ("The Pope phoned President Macron to express his sympathy.", "SUPPORT", "Pope", "Macron"),
        # What is one's own is not whom it is done to.
        ("Kenya voiced Kenya's full support for Uganda.", "SUPPORT", "Kenya", "Uganda"),
    ],
)
def test_whom_politics_is_with(
    extractor: Extractor, text: str, action: str, source: str, target: str
) -> None:
    found = [words(event) for event in events(extractor, "en", text) if event.action == action]
    assert any(source in first and target in second for first, second in found), found


def test_what_is_mutual_is_one_record_with_both_sides(extractor: Extractor) -> None:
    (event,) = events(extractor, "en", "France and Japan agreed.")
    assert event.action is Action.AGREE
    assert (event.actor1, event.actor2) == ("Government of France (2017-)", "Government of Japan (2021-2024)")
    assert words(event) == ("France and Japan", "France and Japan")


def test_an_owner_says_of_which_country_somebody_is(extractor: Extractor) -> None:
    (event,) = events(extractor, "en", "Kenya's government praised Uganda's parliament.")
    assert event.actor1 == "Government of Kenya (2022-)"


def test_coordinated_nationalities_are_several_sides(extractor: Extractor) -> None:
    (event,) = events(extractor, "en", "Russia and Turkey's foreign ministers met in Geneva.")
    assert (event.actor1, event.actor2) == ("Government of Russia (2000-)", "Government of Turkey (2016-)")


def test_those_named_together_agree_with_each_other(extractor: Extractor) -> None:
    (event, *_) = events(extractor, "en", "Mali and Niger agreed to build a road.")
    assert event.action is Action.AGREE
    assert words(event) == ("Mali and Niger", "Mali and Niger")


def test_what_a_government_says_it_did_it_did(extractor: Extractor) -> None:
    found = events(extractor, "en", "The Kenyan government said it had freed forty prisoners.")
    assert ("The Kenyan government", "forty prisoners") in map(words, found)


def test_whom_a_protest_is_against_is_told_by_its_words_alone(extractor: Extractor) -> None:
    (event,) = events(extractor, "fr", "Des étudiants ont manifesté contre le gouvernement à Dakar.")
    assert event.actor1 == "Protesters (Senegal)"
    assert event.actor2 is None
    assert event.evidence.actor2
    assert "gouvernement" in event.evidence.actor2.text
    assert event.evidence.reasons["actor2"] == "aim"


@pytest.mark.parametrize(
    ("language", "text", "column", "actor"),
    [
        (
            "en",
            "The army attacked Boko Haram near Maiduguri. The group killed ten soldiers.",
            "actor1",
            "Boko Haram",
        ),
        (
            "fr",
            "Des soldats maliens sont arrivés à Kidal lundi. Ils ont attaqué un village.",
            "actor1",
            "Military Forces of Mali",
        ),
    ],
)
def test_pronouns_and_bare_roles_are_whom_they_mean(
    extractor: Extractor, language: str, text: str, column: str, actor: str
) -> None:
    found = events(extractor, language, text)
    meant = [event for event in found if event.evidence.reasons.get(column) == "coreference"]
    assert meant, [(event.actor1, event.evidence.reasons) for event in found]
    assert all(actor in (getattr(event, column) or "") for event in meant)


def test_a_pronoun_that_may_mean_either_means_nobody(extractor: Extractor) -> None:
    text = "Les rebelles ont fui et les soldats sont arrivés. Ils ont attaqué un village."
    found = events(extractor, "fr", text)
    assert "coreference" not in [reason for event in found for reason in event.evidence.reasons.values()]


def test_a_crowd_keeps_its_number(extractor: Extractor) -> None:
    (event,) = events(extractor, "fr", "Une centaine d'étudiants ont manifesté à Dakar.")
    assert event.tags == "crowd size=une centaine"
