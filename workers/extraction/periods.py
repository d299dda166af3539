"""Stretches of the calendar, and the day that ACLED files an event of that stretch under."""

import calendar
from datetime import date, timedelta
from enum import StrEnum
from typing import Final, Literal, Self

import msgspec

Unit = Literal["hour", "day", "workday", "weekend", "week", "month", "year"]
Part = Literal["start", "middle", "end"]

DAY: Final = timedelta(days=1)
WEEK: Final = 7
SATURDAY: Final = 5
MONTHS: Final = 12


class Precision(StrEnum):
    """How exactly a day is known."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    YEAR = "year"


class Period(msgspec.Struct, frozen=True):
    """The days `first` to `last`; `day` stands for them: the middle, as ACLED's codebook has it.

    Of a beginning or an end of a month ACLED takes the first or the last day.
    """

    first: date
    last: date
    day: date
    precision: Precision

    @classmethod
    def one(cls, day: date) -> Self:
        """A single day."""
        return cls(day, day, day, Precision.DAY)

    @classmethod
    def spanning(cls, first: date, last: date, precision: Precision | None = None) -> Self:
        """`first` to `last`; without `precision` as precise as it is short."""
        length = (last - first).days + 1
        if precision is None:
            precision = (
                Precision.DAY
                if length == 1
                else Precision.WEEK
                if length <= WEEK
                else Precision.MONTH
                if length <= calendar.monthrange(2000, 1)[1]
                else Precision.YEAR
            )
        return cls(first, last, first + (length - 1) // 2 * DAY, precision)

    @classmethod
    def around(cls, day: date, precision: Precision) -> Self:
        """About `day`: a day that was told by counting back in weeks, months or years."""
        slack = {Precision.DAY: 0, Precision.WEEK: 3, Precision.MONTH: 15, Precision.YEAR: 182}[precision]
        return cls(day - slack * DAY, day + slack * DAY, day, precision)

    @classmethod
    def week(cls, day: date) -> Self:
        """Monday to Sunday around `day`."""
        monday = day - day.weekday() * DAY
        return cls.spanning(monday, monday + (WEEK - 1) * DAY)

    @classmethod
    def weekend(cls, day: date) -> Self:
        """Saturday and Sunday of the week of `day`, filed under the Saturday."""
        saturday = day - day.weekday() * DAY + SATURDAY * DAY
        return cls(saturday, saturday + DAY, saturday, Precision.WEEK)

    @classmethod
    def month(cls, year: int, month: int, part: Part | None = None) -> Self:
        """A month, or its first ten days, the middle, the rest."""
        first = date(year, month, 1)
        last = date(year, month, calendar.monthrange(year, month)[1])
        return cls._part(
            cls.spanning(first, last, Precision.MONTH), first.replace(day=10), first.replace(day=20), part
        )

    @classmethod
    def year(cls, year: int, part: Part | None = None) -> Self:
        """A year, or one of its thirds."""
        return cls._part(
            cls.spanning(date(year, 1, 1), date(year, MONTHS, 31), Precision.YEAR),
            date(year, 4, 30),
            date(year, 8, 31),
            part,
        )

    @classmethod
    def _part(cls, whole: Self, first_third: date, second_third: date, part: Part | None) -> Self:
        match part:
            case None:
                return whole
            case "start":
                return cls(whole.first, first_third, whole.first, whole.precision)
            case "middle":
                return cls(first_third + DAY, second_third, whole.day, whole.precision)
            case "end":
                return cls(second_third + DAY, whole.last, whole.last, whole.precision)

    def until(self, day: date) -> Self:
        """What of the period is not after `day`; all of it if it begins later."""
        if not self.first <= day < self.last:
            return self
        return type(self).spanning(self.first, day, self.precision)


def later(day: date, count: int, unit: Unit) -> date:
    """The day `count` units after `day` (before it, if negative); the 31st becomes the last of its month.

    Raises:
        ValueError, OverflowError: Outside of the calendar.

    """
    match unit:
        case "hour":
            # Of hours only the whole days count: the article does not say when in its day it was written.
            return day + int(count / 24) * DAY
        case "day":
            return day + count * DAY
        case "workday":
            step = DAY if count > 0 else -DAY
            for _ in range(abs(count)):
                day += step
                while day.weekday() >= SATURDAY:
                    day += step
            return day
        case "week" | "weekend":
            return day + count * WEEK * DAY
        case "month" | "year":
            years, month = divmod(day.month - 1 + count * (MONTHS if unit == "year" else 1), MONTHS)
            year = day.year + years
            if not 1 <= year <= date.max.year:
                raise OverflowError(f"There is no year {year}.")
            return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def easter(year: int) -> date:
    """Easter Sunday of the Gregorian calendar, by the algorithm of Meeus, Jones and Butcher."""
    golden, century, rest = year % 19, year // 100, year % 100
    moon = (19 * golden + century - century // 4 - (century - (century + 8) // 25 + 1) // 3 + 15) % 30
    sunday = (32 + 2 * (century % 4) + 2 * (rest // 4) - moon - rest % 4) % 7
    late = (golden + 11 * moon + 22 * sunday) // 451
    month, day = divmod(moon + sunday - 7 * late + 114, 31)
    return date(year, month, day + 1)
