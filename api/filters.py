"""The filters of ACLED's API: which records a query string wants.

A parameter is named like a field of the record, and `FIELD_where` says how it compares. What follows
`:OR:` in a value is another such condition, one of which is to hold (`country=Mali:OR:country=Niger`); all
parameters are to hold. The defaults are those of ACLED's documentation; upper and lower case are the same.
"""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, date, datetime
from enum import Enum, StrEnum
from typing import Any, Final, NamedTuple

from litestar.exceptions import ValidationException

from schemas.event import Event
from schemas.taxonomy import REGION_CODES, interaction_code

Predicate = Callable[[Event], bool]

OR: Final = ":OR:"
WHERE: Final = "_where"
_NUMBER: Final = re.compile(r"[+-]?\d{1,15}(\.\d{1,15})?", re.ASCII)


class Operator(StrEnum):
    """How a record's field compares with the value of its parameter.

    `LIKE` finds the value anywhere in the field, with `%` for anything; `BETWEEN` takes two values, `A|B`,
    both included.
    """

    EQUALS = "="
    GREATER = ">"
    LESS = "<"
    GREATER_OR_EQUAL = ">="
    LESS_OR_EQUAL = "<="
    LIKE = "LIKE"
    BETWEEN = "BETWEEN"


class Kind(Enum):
    """What a field holds; the values are as OpenAPI describes them."""

    TEXT = "string"
    NUMBER = "number"
    DATE = "date"
    MOMENT = "integer"
    """Seconds since 1970; a day counts, too."""
    CODE = "code"
    """A label that ACLED has a number for; either may be asked for."""


class Field(NamedTuple):
    """A field that records can be filtered by."""

    kind: Kind
    operator: Operator


_EQUAL: Final = Field(Kind.TEXT, Operator.EQUALS)
_LIKE: Final = Field(Kind.TEXT, Operator.LIKE)
_NUMERIC: Final = Field(Kind.NUMBER, Operator.EQUALS)
_CODED: Final = Field(Kind.CODE, Operator.EQUALS)

FIELDS: Final[Mapping[str, Field]] = {
    "event_id_cnty": _LIKE,
    "event_date": Field(Kind.DATE, Operator.EQUALS),
    "year": _NUMERIC,
    "time_precision": _NUMERIC,
    "disorder_type": _LIKE,
    "event_type": _LIKE,
    "sub_event_type": _LIKE,
    "actor1": _LIKE,
    "assoc_actor_1": _LIKE,
    "inter1": _CODED,
    "actor2": _LIKE,
    "assoc_actor_2": _LIKE,
    "inter2": _CODED,
    "interaction": _CODED,
    "civilian_targeting": _LIKE,
    "iso": _NUMERIC,
    "region": _CODED,
    "country": _EQUAL,
    "admin1": _LIKE,
    "admin2": _LIKE,
    "admin3": _LIKE,
    "location": _LIKE,
    "latitude": _NUMERIC,
    "longitude": _NUMERIC,
    "geo_precision": _NUMERIC,
    "source": _LIKE,
    "source_scale": _LIKE,
    "notes": _LIKE,
    "fatalities": _NUMERIC,
    "tags": _LIKE,
    "timestamp": Field(Kind.MOMENT, Operator.GREATER_OR_EQUAL),
    "action": _EQUAL,
    "mode": _EQUAL,
    "status": _EQUAL,
    "confidence": _NUMERIC,
    "injuries": _NUMERIC,
    "cluster_id": _EQUAL,
    "language": _EQUAL,
    "article_id": _EQUAL,
    "job_id": _EQUAL,
    "external_id": _EQUAL,
    "url": _EQUAL,
}
"""The fields by name, with ACLED's default operators; those that Tocsin adds compare with `=`."""


def predicate(parameters: Iterable[tuple[str, str]]) -> Predicate:
    """Make the test that wanted records pass.

    Raises:
        ValidationException: A parameter is unknown, or its value does not fit; it is named.

    """
    parameters = list(parameters)
    operators: dict[str, Operator] = {}
    for name, value in parameters:
        if name not in FIELDS:
            field = name.removesuffix(WHERE)
            if field == name or field not in FIELDS:
                raise refusal(name, "There is no such parameter")
            operators[field] = _operator(name, value)
    conditions = [_any(name, value, operators) for name, value in parameters if name in FIELDS]
    return lambda event: all(holds(event) for holds in conditions)


def refusal(parameter: str, message: str) -> ValidationException:
    """Make the error that a query parameter is at fault."""
    return ValidationException(extra=[{"key": parameter, "message": message}])


def code(event: Event, field: str) -> int:
    """Give ACLED's number for the label in a field; 0 for none."""
    match field:
        case "inter1":
            return event.inter1.code if event.inter1 else 0
        case "inter2":
            return event.inter2.code if event.inter2 else 0
        case "interaction":
            return interaction_code(event.inter1, event.inter2)
        case _:
            return REGION_CODES.get(event.region or "", 0)


def _operator(name: str, value: str) -> Operator:
    try:
        return Operator(value.upper())
    except ValueError:
        raise refusal(name, f"Invalid operator {value!r}; there are {', '.join(Operator)}") from None


def _any(name: str, value: str, operators: Mapping[str, Operator]) -> Predicate:
    """Read a parameter, and the alternatives that its value holds."""
    first, *others = value.split(OR)
    alternatives = [_condition(name, first, operators)]
    for other in others:
        field, equals, alternative = other.partition("=")
        if not equals or field not in FIELDS:
            raise refusal(name, f"After {OR} comes FIELD=VALUE, not {other!r}")
        alternatives.append(_condition(field, alternative, operators))
    return lambda event: any(holds(event) for holds in alternatives)


def _condition(name: str, value: str, operators: Mapping[str, Operator]) -> Predicate:
    field = FIELDS[name]
    match operators.get(name, field.operator):
        case Operator.LIKE:
            pattern = re.compile(".*".join(map(re.escape, value.split("%"))), re.IGNORECASE | re.DOTALL)
            return lambda event: (text := _text(event, name)) is not None and bool(pattern.search(text))
        case Operator.BETWEEN:
            bounds = value.split("|")
            if len(bounds) != len("AB"):
                raise refusal(name, f"BETWEEN takes two values, A|B, not {value!r}")
            low, high = (_wanted(name, bound) for bound in bounds)
            above = _comparison(name, low, Operator.GREATER_OR_EQUAL)
            below = _comparison(name, high, Operator.LESS_OR_EQUAL)
            return lambda event: above(event) and below(event)
        case operator:
            return _comparison(name, _wanted(name, value), operator)


def _comparison(name: str, wanted: float | str, operator: Operator) -> Predicate:
    def holds(event: Event) -> bool:
        found = _found(event, name, as_number=not isinstance(wanted, str))
        if found is None:
            return False
        # Both are numbers or both are text.
        order = (found > wanted) - (found < wanted)  # type: ignore[operator]
        match operator:
            case Operator.EQUALS:
                return order == 0
            case Operator.GREATER:
                return order > 0
            case Operator.LESS:
                return order < 0
            case Operator.GREATER_OR_EQUAL:
                return order >= 0
            case _:
                return order <= 0

    return holds


def _wanted(name: str, value: str) -> float | str:
    """Read a value as what its field holds; text in lower case, a day as ISO 8601 has it."""
    value = value.strip()
    kind = FIELDS[name].kind
    is_number = _NUMBER.fullmatch(value) is not None
    match kind:
        case Kind.NUMBER | Kind.MOMENT | Kind.CODE if is_number:
            return float(value)
        case Kind.NUMBER:
            raise refusal(name, f"{value!r} is not a number")
        case Kind.DATE:
            return _day(name, value).isoformat()
        case Kind.MOMENT:
            return datetime.combine(_day(name, value), datetime.min.time(), UTC).timestamp()
        case _:
            return value.casefold()


def _day(name: str, value: str) -> date:
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise refusal(name, f"{value!r} is not a day, YYYY-MM-DD") from None


def _found(event: Event, name: str, *, as_number: bool) -> float | str | None:
    """Give what a record has in a field, so that it compares with what is wanted."""
    if as_number and FIELDS[name].kind is Kind.CODE:
        return code(event, name)
    if as_number:
        number: float | None = getattr(event, name)
        return number
    text = _text(event, name)
    return None if text is None else text.casefold()


def _text(event: Event, name: str) -> str | None:
    value = getattr(event, name)
    return None if value is None else str(value)


def _parameters() -> list[dict[str, Any]]:
    described = []
    for name, field in FIELDS.items():
        match field.kind:
            case Kind.NUMBER | Kind.MOMENT:
                schema = {"type": field.kind.value}
            case Kind.DATE:
                schema = {"type": "string", "format": "date"}
            case _:
                schema = {"type": "string"}
        number = ", or ACLED's number for it" if field.kind is Kind.CODE else ""
        described += [
            {
                "name": name,
                "in": "query",
                "description": f"What the records' `{name}` is compared with{number}; "
                f"with `{field.operator}`, unless `{name}{WHERE}` says otherwise.",
                "schema": schema,
                "required": False,
            },
            {
                "name": f"{name}{WHERE}",
                "in": "query",
                "description": f"How `{name}` compares.",
                "schema": {"type": "string", "enum": [operator.value for operator in Operator]},
                "required": False,
            },
        ]
    return described


PARAMETERS: Final[list[dict[str, Any]]] = _parameters()
"""The parameters as OpenAPI describes them."""
