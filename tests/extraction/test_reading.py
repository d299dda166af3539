"""What is read out of a submission, and what is said of one that holds no article."""

from datetime import UTC, date, datetime

import pytest

from schemas.article import Article, PublicationSource
from schemas.errors import (
    ExtractionError,
    NoTextError,
    PublicationDateError,
    TextTooLongError,
    UnsupportedLanguageError,
)
from schemas.settings import Settings
from workers.extraction import publication
from workers.extraction.reading import Reading, read

NOW = datetime(2022, 2, 1, 12, tzinfo=UTC)
STORY = (
    "Des parachutistes russes sont arrivés hier à Almaty, où de violentes émeutes ont éclaté contre le "
    "prix du gaz. Un rapport publié le 3 mars 2020 avait averti des troubles. Le 5 janvier 2021, le "
    "président avait promis des réformes, que les manifestants attendent toujours dans tout le pays."
)
SWAHILI = "Wanajeshi walifika katika mji mkuu jana kuzuia maandamano ya wananchi dhidi ya bei ya gesi."

PIDGIN = "Dem don kill five farmers for Maiduguri, police tok say dem dey find di gunmen wey do am."


def reading(**fields: str) -> Reading:
    return read(Article(**fields), NOW, Settings())


def page(head: str = "", before: str = "") -> str:
    return (
        f"<html><head><title>Émeutes à Almaty - Le Journal</title>{head}</head><body>"
        "<nav><a href='/'>Accueil</a></nav><article><h1>Émeutes à Almaty</h1>"
        f"{before}<p>{STORY}</p><p>Les forces de sécurité ont tiré sur la foule devant la "
        "mairie, selon des témoins, et des dizaines de personnes ont été blessées.</p></article>"
        "<footer>© 2019 Le Journal. Mis à jour le 3 mars 2021</footer></body></html>"
    )


def test_a_plain_text_stays_as_it_was_sent() -> None:
    text = f"\ufeff  {STORY}\r\n\u200f😀 Fin\n"
    assert reading(text=text).text == text


def test_the_title_comes_first_unless_the_text_begins_with_it() -> None:
    assert reading(text=STORY, title="À Almaty").text == f"À Almaty\n\n{STORY}"
    text = f"\nÉMEUTES  à Almaty\n\n{STORY}"
    assert reading(text=text, title="Émeutes à Almaty ").text == text


def test_the_id_follows_from_the_content() -> None:
    first = reading(text=STORY)
    assert len(first.article_id) >= 16
    assert int(first.article_id, 16)
    assert reading(text=STORY, source="Le Journal", published_at="2022-01-06").article_id == first.article_id
    assert reading(text=STORY + " ").article_id != first.article_id


@pytest.mark.parametrize(
    ("line", "day", "words"),
    [
        ("Publié le 6.1.2022", date(2022, 1, 6), "6.1.2022"),
        ("Publié le 12 mars 2021 à 14:05", date(2021, 3, 12), "12 mars 2021"),
        (
            "Publié le jeudi 6 janvier 2022 à 14h05 - Mis à jour le 7/1/2022",
            date(2022, 1, 6),
            "jeudi 6 janvier 2022",
        ),
        ("Par Jean Dupont | Publié le 06/01/2022", date(2022, 1, 6), "06/01/2022"),
        (
            "Publié\u00a0: 6\u202fjanvier\u00a02022, par Jean Dupont",
            date(2022, 1, 6),
            "6\u202fjanvier\u00a02022",
        ),
        ("Mis à jour le 1er janvier 2022.", date(2022, 1, 1), "1er janvier 2022"),
        ("4 janvier 2016 . –", date(2016, 1, 4), "4 janvier 2016"),
        ("7 janvier 2016, 11 h 40 UTC . –", date(2016, 1, 7), "7 janvier 2016"),
        ("ALMATY, 6 janvier 2022 (AFP) – La foule a marché.", date(2022, 1, 6), "6 janvier 2022"),
        ("jeudi 6 janvier 2022", date(2022, 1, 6), "jeudi 6 janvier 2022"),
    ],
)
@pytest.mark.parametrize("place", ["first", "second", "last"])
def test_the_publication_date_is_read_from_the_text(line: str, day: date, words: str, place: str) -> None:
    text = {
        "first": f"{line}\n\n{STORY}",
        "second": f"Émeutes 😀 a\u0300 Almaty\n{line}\n{STORY}",
        "last": f"{STORY}\n\n{line}\n",
    }[place]
    article = reading(text=text, language="fr")
    assert (article.published_at, article.published_at_source) == (day, PublicationSource.TEXT)
    assert article.published_span is not None
    assert article.published_span.text == words
    assert article.text[article.published_span.start : article.published_span.end] == words


@pytest.mark.parametrize(
    "line",
    [
        "Publié le 6 janvier 2020, le rapport dénonce les violences.",
        "6 janvier 2020, la foule marche sur le palais.",
        "Le 6 janvier 2020, la foule a marché.",
        "Publié le 6 janvier 2035",
        "Publié le 31 février 2021",
        "Publié hier",
    ],
)
def test_no_date_of_the_story_and_none_of_the_future_is_the_publications(line: str) -> None:
    article = reading(text=f"{line}\n\n{STORY}", language="fr")
    assert article.published_at == NOW.date()
    assert article.published_at_source is PublicationSource.SUBMISSION_TIME
    assert article.published_span is None


def test_english_says_it_in_its_own_words() -> None:
    text = "Riots in Almaty\nPublished on 6 January 2022 at 2:05 pm\nTroops fired on the crowd."
    assert publication.find(text, "en", NOW.date()) == (date(2022, 1, 6), 29, 43)


def test_what_was_submitted_counts_most() -> None:
    article = reading(text=f"Publié le 6.1.2022\n{STORY}", published_at="2022-01-07T23:30:00-05:00")
    assert article.published_at == date(2022, 1, 7)
    assert article.published_at_source is PublicationSource.SUBMITTED


def test_html_gives_text_and_title() -> None:
    article = reading(html=page())
    assert article.title == "Émeutes à Almaty"
    assert article.text.startswith("Émeutes à Almaty\n\nDes parachutistes")
    assert "\n\nLes forces de sécurité" in article.text
    assert "Accueil" not in article.text
    assert "©" not in article.text


@pytest.mark.parametrize(
    ("html", "day", "source"),
    [
        (
            page('<meta property="article:published_time" content="2022-01-06T10:00:00+01:00">'),
            date(2022, 1, 6),
            PublicationSource.HTML,
        ),
        (
            page(
                '<script type="application/ld+json">'
                '{"@type": "NewsArticle", "datePublished": "2022-01-06", "headline": "Émeutes"}</script>'
            ),
            date(2022, 1, 6),
            PublicationSource.HTML,
        ),
        (page(before="<p>Publié le 6.1.2022</p>"), date(2022, 1, 6), PublicationSource.TEXT),
        (
            page('<meta property="article:published_time" content="2035-01-06">'),
            NOW.date(),
            PublicationSource.SUBMISSION_TIME,
        ),
        (page(), NOW.date(), PublicationSource.SUBMISSION_TIME),
    ],
)
def test_html_gives_the_publication_date(html: str, day: date, source: PublicationSource) -> None:
    article = reading(html=html)
    assert (article.published_at, article.published_at_source) == (day, source)


@pytest.mark.parametrize(
    ("fields", "error", "reason"),
    [
        ({"text": " \n\t"}, NoTextError, "not a word"),
        ({"text": "… !!! — 😀"}, NoTextError, "not a word"),
        ({"text": "a\x01\ufffd\x02" * 50}, NoTextError, "binary"),
        ({"text": "mot " * 60_000}, TextTooLongError, "240,000 characters; at most 200,000"),
        ({"html": ""}, NoTextError, "HTML"),
        ({"html": "bonjour"}, NoTextError, "HTML"),
        ({"html": "\x01\x02<<<" * 100}, NoTextError, "HTML"),
        ({"html": "<html><body><nav><a href='/'>Accueil</a></nav></body></html>"}, NoTextError, "no article"),
        ({"html": "<div>" * 20_000 + "texte" + "</div>" * 20_000}, NoTextError, "HTML"),
        ({"text": STORY, "language": "sw"}, UnsupportedLanguageError, "`sw` is not supported; .*fr"),
        ({"text": SWAHILI}, UnsupportedLanguageError, r"`sw`.*\bfr\b"),
        ({"text": PIDGIN}, UnsupportedLanguageError, "`pcm`"),
        ({"text": STORY, "published_at": "hier"}, PublicationDateError, "`hier` is not an ISO 8601"),
        ({"text": STORY, "published_at": "2022-03-01"}, PublicationDateError, "2022-03-01 is in the future"),
    ],
)
def test_what_cannot_be_coded_is_refused_with_a_reason(
    fields: dict[str, str], error: type[ExtractionError], reason: str
) -> None:
    with pytest.raises(error, match=reason):
        reading(**fields)


@pytest.mark.parametrize(
    "text", [STORY, "Trois soldats tués dans une attaque à Gao", "OTAN : réunion à Bruxelles"]
)
def test_french_is_recognised(text: str) -> None:
    assert reading(text=text).language == "fr"


@pytest.mark.parametrize(
    "text",
    [
        "Gunmen killed five farmers in Maiduguri, Nigeria, on Sunday, police said.",
        "Police shot dead three protesters in Nairobi on Tuesday.",
    ],
)
def test_english_is_recognised_though_it_tells_of_africa(text: str) -> None:
    assert reading(text=text).language == "en"
