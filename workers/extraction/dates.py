"""Find what a text says about when, and work out the days that it means.

How dates are worded is data: `knowledge/<language>/dates.toml` lists words and, for each way to tell a
date, forms with slots. What a form means given the day it was written on is here, for all languages.

An expression without a year, or with nothing but a weekday, is a matter of tense: `find` takes it for
the past, and `resolve` reads it again for a clause in the future or from another day.
"""

import calendar
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from functools import lru_cache
from typing import Annotated, Final, Literal, Self

import msgspec

from schemas.errors import KnowledgeError
from workers.extraction import knowledge
from workers.extraction.periods import DAY, WEEK, Part, Period, Precision, Unit, easter, later

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
    "nth",
    "weekdays",
    "day_of_month",
    "holiday",
    "offset",
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

MONTHDAY_REACH: Final = 190
""""Friday 13" is a day at most so many days away; else the number is a slip of the pen."""

TWENTY: Final = 20
"""From here on numbers are composed: "twenty-one", "soixante-douze"."""

LAST_OF_MONTH: Final = 31

EARLY_IN_WEEK: Final = 5
"""A day that is so many days ahead in the week is not the one that "this" means: it was days ago."""

FEW: Final = 3
"""What "the last days" counts as."""

NEW_CENTURY: Final = 10
"""A year of two digits is at most so many years ahead, else of the century before."""

MIDWEEK: Final = 3
"""Until Wednesday "this weekend" is the one that was."""

_COARSER: Final[dict[Unit, Precision]] = {
    "hour": Precision.DAY,
    "day": Precision.DAY,
    "workday": Precision.DAY,
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
    "daynumber": r"(?:3[01]|[12]\d|0?[1-9])",
}
_SLOT: Final = re.compile(r"\{([a-z]+)([23]?)\}")
_ALIASES: Final = {"daynumber": "day", "daycount": "day", "weekdayabbr": "weekday"}
"""Slots that are worded in their own way and mean what another one does."""

Holiday = Annotated[str, msgspec.Meta(pattern=r"^(?:\d\d-\d\d|easter(?:[+-]\d+)?|\d\d/[0-6]/(?:-1|[1-5]))$")]
_START: Final = r"(?<!\w)(?<!\d[.,/-])"
_END: Final = r"(?!\w)(?![.,/-]\d)"


class Form(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One way to tell a date; the fields are explained in `fr/dates.toml`."""

    kind: Kind
    patterns: tuple[str, ...]
    anchor: Anchor = "publication"
    direction: Direction = 0
    number: int = 1
    unit: Unit | None = None
    unless: tuple[str, ...] = ()
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
    nth: dict[str, Annotated[int, msgspec.Meta(ge=-5, le=5)]]
    numbers: dict[str, int]
    number_joints: tuple[str, ...]
    centuries: dict[str, int]
    holidays: dict[str, Holiday]
    weekday_abbreviations: dict[str, Annotated[int, msgspec.Meta(ge=0, le=6)]]
    vague: dict[str, int]
    units: dict[str, Unit]
    shifts: dict[str, Direction]
    parts: dict[str, Part]
    days: dict[str, int]
    context_days: dict[str, int]
    day_parts: tuple[str, ...]
    since: tuple[str, ...]
    future: tuple[str, ...]
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
            "daycount": {word: number for word, number in self.numbers.items() if number <= LAST_OF_MONTH},
            "daynumber": nothing,
            "weekdayabbr": self.weekday_abbreviations,
            "nth": self.nth,
            "holiday": self.holidays,
            "number": self.numbers | self.vague,
            "unit": self.units,
            "shift": self.shifts,
            "yearshift": self.shifts,
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
        written = [alternatives(self.words(slot))] if self.words(slot) else []
        if slot in {"number", "daycount"}:
            written.insert(0, self._spoken())
        if slot == "year":
            # "Twenty one" is no year, "twenty nineteen" and "nineteen oh one" are.
            joints, ones = alternatives(self.number_joints), self._below(10)
            rest = rf"(?:{joints})[-\s]+(?:{self._spoken()})|(?!(?:{ones})(?!\w))(?:{self._spoken()})"
            written.append(rf"(?:{alternatives(self.centuries)})[-\s]+(?:{rest})")
        if slot in _NUMERIC:
            written.append(_NUMERIC[slot])
        return f"(?P<{slot}{number}>{'|'.join(written)})"

    def _joint(self) -> str:
        return rf"(?:(?:{alternatives(self.number_joints)})[-\s]+)*"

    def _spoken(self) -> str:
        """A number of one word, or of a ten and what follows it."""
        tens = alternatives(word for word, number in self.numbers.items() if number >= TWENTY)
        ones = self._below(TWENTY)
        return rf"(?:{tens})[-\s]+{self._joint()}(?:{ones})|(?:{tens})|(?:{ones})"

    def _below(self, limit: int) -> str:
        return alternatives(word for word, number in self.numbers.items() if number < limit)

    def number(self, said: str, *, year: bool) -> int:
        """What words for a number below a hundred, or for a year, add up to; 0 if they are none."""
        worth = {plain(word): number for word, number in self.numbers.items()}
        hundreds = {plain(word): number for word, number in self.centuries.items()} if year else {}
        words = [word for word in plain(said).split() if word not in self.number_joints]
        total, place = 0, 0
        while place < len(words):
            for end in range(len(words), place, -1):
                phrase = " ".join(words[place:end])
                # "Nineteen" is a century where a number follows it: "nineteen eighty".
                number = hundreds.get(phrase) if place == 0 else None
                if number is None:
                    number = worth.get(phrase)
                if number is not None:
                    total, place = total + number, end
                    break
            else:
                return 0
        return total


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
        base: The expression that it counts from: "Easter" in "two days after Easter".

    """

    start: int
    end: int
    period: Period
    form: Form
    slots: Slots
    since: bool
    vague: bool
    base: "DateExpression | None" = None

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
            (vocabulary.compiled(pattern), form)
            for form in vocabulary.form
            if form.kind != "offset"
            for pattern in form.patterns
        ]
        self._offsets = [
            (vocabulary.compiled(pattern + r"(?=\s+$)"), form)
            for form in vocabulary.form
            if form.kind == "offset"
            for pattern in form.patterns
        ]
        self._unless = {
            form.unless: re.compile(rf"(?<!\w)(?:{alternatives(form.unless)})(?!\w)", re.IGNORECASE)
            for form in vocabulary.form
            if form.unless
        }
        self._since = re.compile(rf"(?<!\w)(?:{alternatives(vocabulary.since)})\s+$", re.IGNORECASE)
        self._name = re.compile(rf"(?<!\w)(?:{alternatives(vocabulary.names)})\s+$", re.IGNORECASE)
        self._future = re.compile(rf"(?<![^\W_])(?:{alternatives(vocabulary.future)})(?!\w)", re.IGNORECASE)
        self._words = {
            slot: {plain(word): meaning for word, meaning in vocabulary.words(slot).items()}
            for slot in (
                "weekday", "weekdayabbr", "month", "day", "daycount", "number", "unit", "shift", "part",
                "yearshift", "dayword", "contextword", "nth", "holiday",
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
        counted = [self._counted(expression, text, reference) for expression in found]
        return sorted(
            (
                expression
                for expression in counted
                # "Tuesday" in "the third Tuesday after Easter".
                if not any(
                    other.base and other.start <= expression.start and expression.end < other.end
                    for other in counted
                )
            ),
            key=lambda expression: expression.start,
        )

    def in_future(self, text: str) -> bool:
        """Whether words of a sentence say that it speaks of the future; its verbs are not looked at."""
        return self._future.search(text) is not None

    def resolve(self, expression: DateExpression, reference: date, *, future: bool = False) -> DateExpression:
        """Read an expression again: from another day, or in a clause about the future."""
        if expression.base is not None:
            base = self.resolve(expression.base, reference, future=future)
            period = _meaning(
                expression.form, expression.slots, base.date, since=False, future=False,
                vague=expression.vague,
            )  # fmt: skip
        else:
            base = None
            period = _meaning(
                expression.form, expression.slots, reference, since=expression.since, future=future,
                vague=expression.vague,
            )  # fmt: skip
        return expression if period is None else msgspec.structs.replace(expression, period=period, base=base)

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
                if form.unless and self._unless[form.unless].search(text, 0, start):
                    continue
                slots = self._slots(match)
                vague = plain(match.groupdict().get("number") or "") in self._vocabulary.vague
                period = _meaning(form, slots, reference, since=since, future=False, vague=vague)
                if period is not None:
                    yield DateExpression(
                        start=start, end=match.end(), period=period, form=form, slots=slots, since=since,
                        vague=vague,
                    )  # fmt: skip

    def _counted(self, base: DateExpression, text: str, reference: date) -> DateExpression:
        """The expression that counts from `base`, if one leads up to it; else `base` itself."""
        for pattern, form in self._offsets:
            match = pattern.search(text[: base.start])
            if match is None:
                continue
            slots = self._slots(match)
            vague = plain(match.groupdict().get("number") or "") in self._vocabulary.vague
            period = _meaning(form, slots, base.date, since=False, future=False, vague=vague)
            # "Thirty years after September 11" names the day of an anniversary, not one in thirty years.
            dated = "year" in base.slots or "shortyear" in base.slots
            if period is not None and (dated or period.day - reference <= WEEKDAY_REACH * DAY):
                return DateExpression(
                    start=match.start(), end=base.end, period=period, form=form, slots=slots, since=False,
                    vague=vague, base=base,
                )  # fmt: skip
        return base

    def _slots(self, match: re.Match[str]) -> Slots:
        slots: Slots = {}
        for name, said in match.groupdict().items():
            if said:
                slot = name.rstrip("23")
                slots[_ALIASES.get(slot, slot) + name.removeprefix(slot)] = self._value(slot, said)
        return slots

    def _value(self, slot: str, said: str) -> int | str:
        if said.isdigit():
            # A year of two digits keeps its place in the century open; `_century` decides.
            return int(said)
        meaning = self._words.get(slot, {}).get(plain(said))
        return self._vocabulary.number(said, year="year" in slot) if meaning is None else meaning


def plain(words: str) -> str:
    """Words as they are compared: small letters, one apostrophe, a space for a hyphen or several."""
    return re.sub(r"[-‐‑\s]+", " ", words).replace("’", "'").casefold().strip()


def literal(words: str) -> str:
    """A regular expression for words as written: either apostrophe, any hyphen, any space."""
    return re.escape(words).replace(r"\ ", r"\s+").replace("'", "['’]").replace(r"\-", r"[-‐‑\s]")


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
    if weekday is not None:
        agreeing = [candidate for candidate in candidates if candidate.weekday() == weekday]
        if agreeing:
            nearest = min(agreeing, key=lambda candidate: abs(candidate - reference))
            if abs(nearest - reference) <= WEEKDAY_REACH * DAY:
                return nearest
    return _nearest(candidates, reference, direction, future=future)


def _nearest(candidates: list[date], reference: date, direction: int, *, future: bool) -> date | None:
    """Of a day of several years the one that direction and tense choose."""
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
    if slots.get("shift") == 0 and not future:
        # "This Friday" is one of this week; what would be the end of a week just begun is days ago.
        ahead = weekday - reference.weekday()
        return Period.one(reference + (ahead if ahead < EARLY_IN_WEEK else ahead - WEEK) * DAY)
    if "day" not in slots:
        return Period.one(_next_or_last(weekday, reference, _direction(form, slots), future=future))
    # "Lundi 3": the nearest month in which the third is a Monday, or none that is near enough.
    near = [
        day
        for distance in range(MONTHDAY_REACH)
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
    unit = form.unit or _unit(slots)
    day = later(reference, _int(slots, "number", form.number) * form.direction, unit)
    for place in ("2", "3"):
        if f"unit{place}" in slots:
            # "Two years and three days ago" is as exact as its last unit.
            unit = msgspec.convert(slots[f"unit{place}"], Unit)
            day = later(day, _int(slots, f"number{place}") * form.direction, unit)
    if "weekday" in slots:
        return Period.one(day + (_int(slots, "weekday") - day.weekday()) * DAY)
    return Period.around(day, _COARSER[unit])


def _offset(form: Form, slots: Slots, reference: date, future: bool) -> Period:
    """So long, or so many Tuesdays, before or after the day `reference`."""
    if "weekday" in slots:
        return _weekdays(form, slots, reference, future)
    return _count(form, slots, reference, future)


def _weekdays(form: Form, slots: Slots, reference: date, future: bool) -> Period:  # noqa: ARG001
    number = _int(slots, "number", _int(slots, "nth", form.number))
    nearest = _next_or_last(_int(slots, "weekday"), reference, form.direction, future=False)
    return Period.one(nearest + (number - 1) * form.direction * WEEK * DAY)


def _nth(form: Form, slots: Slots, reference: date, future: bool) -> Period | None:
    """The first Monday, or the last day, of a month or a year."""
    nth, weekday, year = _int(slots, "nth"), slots.get("weekday"), _year(slots, reference)
    if "month" not in slots:
        if year is not None:
            day = _nth_of(year, 1, 12, nth, weekday)
        else:
            month = later(reference.replace(day=1), _direction(form, slots), "month")
            day = _nth_of(month.year, month.month, month.month, nth, weekday)
        return Period.one(day) if day else None
    month_number = _int(slots, "month")
    years = range(reference.year - 1, reference.year + 2) if year is None else [year]
    days = [day for each in years if (day := _nth_of(each, month_number, month_number, nth, weekday))]
    if year is None:
        chosen = _nearest(days, reference, _direction(form, slots), future=future)
        return Period.one(chosen) if chosen else None
    return Period.one(days[0]) if days else None


def _nth_of(year: int, first: int, last: int, nth: int, weekday: int | str | None) -> date | None:
    """The nth day, or the nth of a weekday, of the months `first` to `last`; counted from the end below 0."""
    day = date(year, first, 1)
    end = date(year, last, calendar.monthrange(year, last)[1])
    days = [day + n * DAY for n in range((end - day).days + 1)]
    if weekday is not None:
        days = [day for day in days if day.weekday() == weekday]
    place = nth - 1 if nth > 0 else nth
    return days[place] if nth and -len(days) <= place < len(days) else None


def _day_of_month(form: Form, slots: Slots, reference: date, future: bool) -> Period | None:
    """The 20th of this, the last or the next month, or of the month that puts it near."""
    if "shift" in slots or form.unit:
        month = later(reference.replace(day=1), _direction(form, slots), "month")
        return Period.one(month.replace(day=_int(slots, "day")))
    months = [later(reference.replace(day=1), distance, "month") for distance in (-2, -1, 0, 1, 2)]
    days = [day for month in months if (day := _valid(month.year, month.month, _int(slots, "day")))]
    past = [day for day in days if day <= reference]
    return Period.one(min(set(days) - set(past)) if future or not past else max(past))


def _holiday(form: Form, slots: Slots, reference: date, future: bool) -> Period | None:
    rule = str(slots["holiday"])
    if (year := _year(slots, reference)) is not None:
        return Period.one(_holiday_of(rule, year))
    days = [_holiday_of(rule, reference.year + distance) for distance in (-1, 0, 1)]
    day = _nearest(days, reference, _direction(form, slots), future=future)
    return Period.one(day) if day else None


def _holiday_of(rule: str, year: int) -> date:
    """The day of a holiday; how rules are written tells `fr/dates.toml`."""
    if rule.startswith("easter"):
        return easter(year) + int(rule.removeprefix("easter") or 0) * DAY
    if "/" in rule:
        month, weekday, nth = map(int, rule.split("/"))
        day = _nth_of(year, month, month, nth, weekday)
        if day is None:
            raise ValueError(f"{year} has no {rule}.")
        return day
    month, number = map(int, rule.split("-"))
    return date(year, month, number)


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
    "nth": _nth,
    "weekdays": _weekdays,
    "day_of_month": _day_of_month,
    "holiday": _holiday,
    "offset": _offset,
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
    if "yearshift" in slots:
        return reference.year + _int(slots, "yearshift")
    if "shortyear" not in slots:
        return None
    year = _int(slots, "shortyear")
    if year >= 100:  # noqa: PLR2004 - it was written in full
        return year
    year += reference.year // 100 * 100
    return year if year <= reference.year + NEW_CENTURY else year - 100
