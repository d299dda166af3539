"""The heads of paragraphs in the agencies' manner, which name a place and are no part of a sentence."""

import re
from typing import Final

AGENCY: Final = re.compile(
    r"\s*(?P<place>[^\W\d_][\w'’ .-]{1,40}?)(?P<more>\s*\([^)]{1,20}\)|,[^–—\n]{1,30})?"
    r"\s*(?P<dash>[–—-]{1,2}\s)"
)
"""`KAZAKHSTAN –`, `GAO (AFP) –`, `Kidal, 3 mars –`; whether `place` is one, only a gazetteer knows."""

_AFTER_DATE: Final = re.compile(r"[^\n.–—]{0,20}[.\s]*[–—]\s")
"""What sets a date off from the news: `10 mars 2016 . –`, `10 mars 2016, 11 h UTC —`."""

_SIGNED: Final = re.compile(
    r"\s*(?:[^\W\d_][\w'’ .-]{1,40},\s[^\W\d_]{3,9}\.?\s\d{1,2}\s)?"
    r"\([A-Z][A-Za-z]{1,9}\)(?P<gap>\s)(?=[^\W\d_a-z])"
)
"""`Bogota, March 8 (IANS) The`, `(CNN) Italian`: an agency without a dash, before a capital."""

PARAGRAPH: Final = re.compile(r"[^\n]+")
"""A line, at whose beginning alone a dateline stands."""


def is_date(text: str, start: int, end: int) -> bool:
    """Whether the date from `start` to `end` of `text` stands before the news, and dates only the report."""
    return not text[:start].strip() and _AFTER_DATE.match(text, end) is not None


def set_apart(text: str) -> str:
    """The text with line breaks for the dashes of datelines; every offset stays what it is.

    A parser takes "KAZAKHSTAN – Des parachutistes" for a name and what explains it: no treebank has
    datelines. Only what stands in capitals or names its agency counts, as any word may stand before a dash.
    """
    pieces = list(text)
    for paragraph in PARAGRAPH.finditer(text):
        head = AGENCY.match(paragraph[0])
        if head and (head["place"].isupper() or (head["more"] or "").lstrip().startswith("(")):
            start, end = (paragraph.start() + offset for offset in head.span("dash"))
            pieces[start:end] = "\n" * (end - start)
        elif signed := _SIGNED.match(paragraph[0]):
            pieces[paragraph.start() + signed.start("gap")] = "\n"
    return "".join(pieces)
