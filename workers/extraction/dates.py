"""Find what a text says about when, and work out the days that it means.

How dates are worded is data: `knowledge/<language>/dates.toml` lists words and, for each way to tell a
date, forms with slots. What a form means given the day it was written on is here, for all languages.

An expression without a year, or with nothing but a weekday, is a matter of tense: `find` takes it for
the past, and `resolve` reads it again for a clause in the future or from another day.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Annotated, Final, Literal, Self

import msgspec

from schemas.errors import KnowledgeError
from workers.extraction import knowledge
from workers.extraction.periods import DAY, WEEK, Part, Period, Precision, Unit, later

Anchor = Literal["publication", "context"]
Kind = Literal[
    "date",
    "weekday",
    "weekday_of_week",
    "day",
    "count",
    "lately",
    "period",
    "month",
    "year",
    "range",
    "night",
]
Slots = dict[str, int | str]
Day = date  # `DateExpression` has a `date` of its own.
Direction = Literal[-1, 0, 1]

SOON: Final = 60
"""A date without a year that lies at most so many days ahead is taken to be announced, not remembered."""

LONG: Final = 300
"""A clause in the future is not believed if that puts its date so many days ahead."""

WEEKDAY_REACH: Final = 400
"""Weekday and date choose a year at most so many days away; else the weekday is a slip of the pen."""

FEW: Final = 3
"""What "the last days" counts as."""

NEW_CENTURY: Final = 10
"""A year of two digits is at most so many years ahead, else of the century before."""

MIDWEEK: Final = 3
"""Until Wednesday "this weekend" is the one that was."""

_COARSER: Final[dict[Unit, Precision]] = {
    "hour": Precision.DAY,
    "day": Precision.DAY,
    "weekend": Precision.WEEK,
    "week": Precision.WEEK,
    "month": Precision.MONTH,
    "year": Precision.YEAR,
}
_VAGUER: Final = {
    Precision.DAY: Precision.WEEK,
    Precision.WEEK: Precision.MONTH,
    Precision.MONTH: Precision.YEAR,
    Precision.YEAR: Precision.YEAR,
}

_NUMERIC: Final = {
    "day": r"3[01]|[12]\d|0?[1-9]",
    "monthnumber": r"1[0-2]|0?[1-9]",
    "year": r"(?:1[89]|20)\d\d",
    "shortyear": r"(?:(?:1[89]|20)\d\d|\d\d)",
    "number": r"\d{1,3}",
}
_SLOT: Final = re.compile(r"\{([a-z]+)(2?)\}")
_START: Final = r"(?<!\w)(?<!\d[.,/-])"
_END: Final = r"(?!\w)(?![.,/-]\d)"


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to tell a date; the fields are explained in `fr/dates.toml`."""

    kind: Kind
    patterns: tuple[str, ...]
    anchor: Anchor = "publication"
    direction: Direction = 0
    since: bool = False
    examples: dict[str, date]


class Publication(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How a page says when it was published; see `fr/dates.toml`."""

    published: tuple[str, ...]
    updated: tuple[str, ...]
    before: tuple[str, ...]
    after: tuple[str, ...]
    authors: tuple[str, ...]


class DateVocabulary(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """The words and forms of `knowledge/<language>/dates.toml`, which explains them."""

    weekdays: dict[str, Annotated[int, msgspec.Meta(ge=0, le=6)]]
    months: dict[str, Annotated[int, msgspec.Meta(ge=1, le=12)]]
    ordinals: dict[str, Annotated[int, msgspec.Meta(ge=1, le=31)]]
    numbers: dict[str, int]
    vague: dict[str, int]
    units: dict[str, Unit]
    shifts: dict[str, Direction]
    parts: dict[str, Part]
    days: dict[str, int]
    context_days: dict[str, int]
    day_parts: tuple[str, ...]
    since: tuple[str, ...]
    names: tuple[str, ...]
    publication: Publication
    form: tuple[Form, ...]

    @classmethod
    @lru_cache
    def load(cls, language: str) -> Self:
        """Read and check the dates of `language`.

        Raises:
            KnowledgeError: The file or an entry is not as its format demands.

        """
        vocabulary = knowledge.read(knowledge.FOLDER / language / "dates.toml", cls)
        for form in vocabulary.form:
            for pattern in form.patterns:
                try:
                    vocabulary.compiled(pattern)
                except (KeyError, re.error) as error:
                    raise KnowledgeError(f"{language}/dates.toml, {pattern!r}: {error}.") from error
        return vocabulary

    def words(self, slot: str) -> Mapping[str, int | str]:
        """What may stand in a slot, besides digits, and what it means.

        Raises:
            KeyError: There is no such slot.

        """
        nothing: dict[str, int] = {}
        tables: dict[str, Mapping[str, int | str]] = {
            "weekday": self.weekdays,
            "month": self.months,
            "day": self.ordinals,
            "number": self.numbers | self.vague,
            "unit": self.units,
            "shift": self.shifts,
            "part": self.parts,
            "dayword": self.days,
            "contextword": self.context_days,
            "daypart": dict.fromkeys(self.day_parts, 0),
            "monthnumber": nothing,
            "year": nothing,
            "shortyear": nothing,
        }
        return tables[slot]

    def compiled(self, pattern: str) -> re.Pattern[str]:
        """A form's pattern as a regular expression with a group for each slot.

        Raises:
            KeyError, re.error: The pattern is not one.

        """
        loose = re.sub(r"\((?!\?)", "(?:", pattern).replace("[- ]", r"[-\s]").replace(" ?", r"\s*")
        loose = loose.replace(" ", r"\s+").replace("'", "['’]")
        body = _SLOT.sub(lambda slot: self._group(slot[1], slot[2]), loose)
        return re.compile(_START + body + _END, re.IGNORECASE)

    def _group(self, slot: str, number: str) -> str:
        written = [literal(word) for word in sorted(self.words(slot), key=len, reverse=True)]
        if slot in _NUMERIC:
            written.append(_NUMERIC[slot])
        return f"(?P<{slot}{number}>{'|'.join(written)})"


class DateExpression(msgspec.Struct, frozen=True, kw_only=True):
    """Words that say when, at `start` to `end` of the text they were found in, and the days they mean.

    Attributes:
        start: First code point.
        end: One past the last.
        period: The days, counted from the publication.
        form: How it is told.
        slots: What stands in the form's slots.
        since: It tells when something began that goes on.
        vague: Its number is only about right.

    """

    start: int
    end: int
    period: Period
    form: Form
    slots: Slots
    since: bool
    vague: bool

    @property
    def date(self) -> Day:
        """The day to file an event under."""
        return self.period.day

    @property
    def first(self) -> Day:
        """The first day that it may mean."""
        return self.period.first

    @property
    def last(self) -> Day:
        """The last day that it may mean."""
        return self.period.last

    @property
    def precision(self) -> Precision:
        """How exactly the day is known."""
        return self.period.precision

    @property
    def kind(self) -> Kind:
        """What sort of expression it is."""
        return self.form.kind

    @property
    def relative_to(self) -> Anchor:
        """What it counts from: "la veille" from a day that the text spoke of before."""
        return self.form.anchor


class DateResolver:
    """Finds and resolves the dates of one language."""

    def __init__(self, vocabulary: DateVocabulary) -> None:
        self._vocabulary = vocabulary
        self._forms = [
            (vocabulary.compiled(pattern), form) for form in vocabulary.form for pattern in form.patterns
        ]
        self._since = re.compile(rf"(?<!\w)(?:{alternatives(vocabulary.since)})\s+$", re.IGNORECASE)
        self._name = re.compile(rf"(?<!\w)(?:{alternatives(vocabulary.names)})\s+$", re.IGNORECASE)
        self._words = {
            slot: {word.casefold(): meaning for word, meaning in vocabulary.words(slot).items()}
            for slot in (
                "weekday", "month", "day", "number", "unit", "shift", "part", "dayword", "contextword",
            )
        }  # fmt: skip

    @classmethod
    @lru_cache
    def load(cls, language: str) -> Self:
        """The resolver of `language`.

        Raises:
            KnowledgeError: The language's `dates.toml` is not as its format demands.

        """
        return cls(DateVocabulary.load(language))

    def find(self, text: str, reference: date) -> list[DateExpression]:
        """The expressions of a sentence that was written on `reference`, in order, none within another."""
        found: list[DateExpression] = []
        for expression in sorted(
            self._candidates(text, reference), key=lambda expression: expression.start - expression.end
        ):
            if all(other.end <= expression.start or expression.end <= other.start for other in found):
                found.append(expression)
        return sorted(found, key=lambda expression: expression.start)

    def resolve(self, expression: DateExpression, reference: date, *, future: bool = False) -> DateExpression:
        """Read an expression again: from another day, or in a clause about the future."""
        period = _meaning(
            expression.form, expression.slots, reference, since=expression.since, future=future,
            vague=expression.vague,
        )  # fmt: skip
        return expression if period is None else msgspec.structs.replace(expression, period=period)

    @staticmethod
    def time_precision(expression: DateExpression) -> Literal[1, 2, 3] | None:
        """ACLED's `time_precision`, None for what is too vague for ACLED to code."""
        match expression.precision:
            case Precision.DAY:
                return 1
            case Precision.WEEK:
                return 2
            case Precision.MONTH:
                return 3
            case Precision.YEAR:
                return None

    def _candidates(self, text: str, reference: date) -> Iterator[DateExpression]:
        for pattern, form in self._forms:
            for match in pattern.finditer(text):
                if self._name.search(text, 0, match.start()):
                    continue
                start = match.start()
                since = form.since
                if not since and (before := self._since.search(text, 0, start)):
                    start, since = before.start(), True
                slots = {slot: self._value(slot, said) for slot, said in match.groupdict().items() if said}
                vague = (match.groupdict().get("number") or "").casefold() in self._vocabulary.vague
                period = _meaning(form, slots, reference, since=since, future=False, vague=vague)
                if period is not None:
                    yield DateExpression(
                        start=start, end=match.end(), period=period, form=form, slots=slots, since=since,
                        vague=vague,
                    )  # fmt: skip

    def _value(self, slot: str, said: str) -> int | str:
        if said.isdigit():
            # A year of two digits keeps its place in the century open; `_century` decides.
            return int(said)
        words = self._words.get(slot.removesuffix("2"), {})
        return words.get(re.sub(r"\s+", " ", said).replace("’", "'").casefold(), 0)


def literal(words: str) -> str:
    """A regular expression for words as written: either apostrophe, any hyphen, any space."""
    return re.escape(words).replace(r"\ ", r"\s+").replace("'", "['’]").replace(r"\-", "[-‐‑]")


def alternatives(phrases: Iterable[str]) -> str:
    """A regular expression for one of `phrases`, the longest that fits."""
    return "|".join(literal(phrase) for phrase in sorted(phrases, key=len, reverse=True))


def _meaning(
    form: Form, slots: Slots, reference: date, *, since: bool, future: bool, vague: bool
) -> Period | None:
    """The days that slots of a form mean; None if the calendar has no such day."""
    try:
        period = _MEANINGS[form.kind](form, slots, reference, future)
    except (ValueError, OverflowError):
        return None
    if period is None:
        return None
    if vague:
        period = Period.around(period.day, _VAGUER[period.precision])
    if since and period.first <= reference:
        return Period.spanning(period.first, reference)
    return period


def _date(form: Form, slots: Slots, reference: date, future: bool) -> Period | None:
    day, month = _int(slots, "day"), _int(slots, "month", _int(slots, "monthnumber"))
    if (year := _year(slots, reference)) is not None:
        return Period.one(date(year, month, day))
    day_meant = _yearless(day, month, slots.get("weekday"), reference, _direction(form, slots), future=future)
    return Period.one(day_meant) if day_meant else None


def _yearless(
    day: int, month: int, weekday: int | str | None, reference: date, direction: int, *, future: bool
) -> date | None:
    """The date in the year that weekday, direction and tense choose."""
    candidates = [
        candidate
        for year in range(reference.year - 6, reference.year + 3)
        if (candidate := _valid(year, month, day)) is not None
    ]
    if not candidates:
        return None
    if weekday is not None:
        agreeing = [candidate for candidate in candidates if candidate.weekday() == weekday]
        if agreeing:
            nearest = min(agreeing, key=lambda candidate: abs(candidate - reference))
            if abs(nearest - reference) <= WEEKDAY_REACH * DAY:
                return nearest
    past = max((candidate for candidate in candidates if candidate <= reference), default=None)
    coming = min((candidate for candidate in candidates if candidate >= reference), default=None)
    if past is None or direction > 0:
        return coming
    if coming is None or direction < 0:
        return past
    ahead = (coming - reference).days
    if future:
        return past if ahead > LONG else coming
    return coming if ahead <= SOON else past


def _valid(year: int, month: int, day: int) -> date | None:
    try:
        return date(year, month, day)
    except ValueError:
        return None


def _weekday(form: Form, slots: Slots, reference: date, future: bool) -> Period | None:
    weekday = _int(slots, "weekday")
    if "day" not in slots:
        return Period.one(_next_or_last(weekday, reference, _direction(form, slots), future=future))
    # "Lundi 3": the nearest month in which the third is a Monday, or none that is near enough.
    near = [
        day
        for distance in range(SOON)
        for day in (reference - distance * DAY, reference + distance * DAY)
        if day.day == slots["day"] and day.weekday() == weekday
    ]
    return Period.one(near[0]) if near else None


def _next_or_last(weekday: int, reference: date, direction: int, *, future: bool) -> date:
    """The weekday on or before `reference`, or on or after it in the future; with a direction never on it."""
    if direction > 0 or (direction == 0 and future):
        ahead = (weekday - reference.weekday()) % WEEK
        return reference + (ahead or (WEEK if direction else 0)) * DAY
    behind = (reference.weekday() - weekday) % WEEK
    return reference - (behind or (WEEK if direction else 0)) * DAY


def _weekday_of_week(form: Form, slots: Slots, reference: date, future: bool) -> Period:  # noqa: ARG001
    monday = reference - reference.weekday() * DAY
    return Period.one(monday + (_int(slots, "weekday") + _direction(form, slots) * WEEK) * DAY)


def _day(form: Form, slots: Slots, reference: date, future: bool) -> Period:  # noqa: ARG001
    return Period.one(reference + _int(slots, "dayword", _int(slots, "contextword")) * DAY)


def _count(form: Form, slots: Slots, reference: date, future: bool) -> Period:  # noqa: ARG001
    unit = _unit(slots)
    day = later(reference, _int(slots, "number", 1) * form.direction, unit)
    return Period.around(day, _COARSER[unit])


def _lately(form: Form, slots: Slots, reference: date, future: bool) -> Period:  # noqa: ARG001
    other = later(reference, _int(slots, "number", FEW) * form.direction, _unit(slots))
    return Period.spanning(min(other, reference), max(other, reference))


def _period(form: Form, slots: Slots, reference: date, future: bool) -> Period | None:
    unit, direction = _unit(slots), _direction(form, slots)
    if unit == "weekend":
        # Up to the middle of the week people speak of the weekend behind them.
        recent = direction < 0 or (direction == 0 and not future and reference.weekday() < MIDWEEK)
        weekend = Period.weekend(reference - WEEK * DAY if recent else reference)
        if direction > 0 and weekend.first <= reference:
            return Period.weekend(reference + WEEK * DAY)
        return weekend
    day = later(reference, direction, unit)
    part = _part(slots)
    match unit:
        case "week":
            period = Period.week(day)
        case "month":
            period = Period.month(day.year, day.month, part)
        case "year":
            period = Period.year(day.year, part)
        case _:
            return None
    return period if future or direction or part else period.until(reference)


def _month(form: Form, slots: Slots, reference: date, future: bool) -> Period:
    month, part, direction = _int(slots, "month"), _part(slots), _direction(form, slots)
    if (year := _year(slots, reference)) is not None:
        return Period.month(year, month, part)
    months_ahead = (month - reference.month) % 12
    if direction > 0 or (direction == 0 and future):
        months_ahead = months_ahead or (12 if direction else 0)
    elif months_ahead or direction:
        months_ahead -= 12
    day = later(reference.replace(day=1), months_ahead, "month")
    return Period.month(day.year, day.month, part)


def _whole_year(form: Form, slots: Slots, reference: date, future: bool) -> Period | None:  # noqa: ARG001
    year = _year(slots, reference)
    return Period.year(year, _part(slots)) if year is not None else None


def _range(form: Form, slots: Slots, reference: date, future: bool) -> Period | None:
    if "day2" not in slots:
        last = _next_or_last(_int(slots, "weekday2"), reference, _direction(form, slots), future=future)
        first = _next_or_last(_int(slots, "weekday"), last, -1, future=False)
        return Period.spanning(first, last)
    month = _int(slots, "month2", _int(slots, "month"))
    year = _year(slots, reference)
    end = (
        date(year, month, _int(slots, "day2"))
        if year is not None
        else _yearless(
            _int(slots, "day2"),
            month,
            slots.get("weekday2"),
            reference,
            _direction(form, slots),
            future=future,
        )
    )
    if end is None:
        return None
    start = date(end.year, _int(slots, "month", month), _int(slots, "day"))
    if start > end and "month2" in slots:
        start = start.replace(year=end.year - 1)
    return Period.spanning(start, end) if start <= end else None


def _night(form: Form, slots: Slots, reference: date, future: bool) -> Period | None:
    """A night of two days, filed under the first of them."""
    nights = _range(form, slots, reference, future)
    if nights is None or nights.last - nights.first != DAY:
        return None
    return Period(nights.first, nights.last, nights.first, Precision.DAY)


_MEANINGS: Final = {
    "date": _date,
    "weekday": _weekday,
    "weekday_of_week": _weekday_of_week,
    "day": _day,
    "count": _count,
    "lately": _lately,
    "period": _period,
    "month": _month,
    "year": _whole_year,
    "range": _range,
    "night": _night,
}


def _int(slots: Slots, slot: str, default: int = 0) -> int:
    return int(slots.get(slot, default))


def _direction(form: Form, slots: Slots) -> int:
    return _int(slots, "shift", form.direction)


def _unit(slots: Slots) -> Unit:
    unit: Unit = msgspec.convert(slots["unit"], Unit)
    return unit


def _part(slots: Slots) -> Part | None:
    part: Part | None = msgspec.convert(slots.get("part"), Part | None)
    return part


def _year(slots: Slots, reference: date) -> int | None:
    if "year" in slots:
        return _int(slots, "year")
    if "shortyear" not in slots:
        return None
    year = _int(slots, "shortyear")
    if year >= 100:  # noqa: PLR2004 - it was written in full
        return year
    year += reference.year // 100 * 100
    return year if year <= reference.year + NEW_CENTURY else year - 100
