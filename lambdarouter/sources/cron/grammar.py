"""The grammar of crontab lines: what is refused, and what croniter is given of the rest.

The checks run while the app is imported. croniter would take 40 ms to load there, and it accepts six fields, `*/90`
and 31 February, and reads `5-5` as every value: so it sees only lists of the values that were read here, those of days.
"""

from __future__ import annotations

from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

__all__ = ["crontab_lines", "whole_number"]

_ALIASES = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
    "@yearly": "0 0 1 1 *",
    "@annually": "0 0 1 1 *",
}
_FIVE_FIELDS = "expected five fields: minute hour day-of-month month day-of-week"
_DAYS_IN_MONTH = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
_MAX_DIGITS = 6  # more than any field or period needs; Python refuses to read very long integers


def whole_number(text: str) -> int | None:
    """Read a number of plain digits, six at most; None for any other text."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= _MAX_DIGITS else None


def crontab_lines(expression: str) -> list[str]:
    """Check the expression (fields separated by single spaces) and give it as lines of plain values, each sorted.

    There are two where the day may fit either of two fields; their union is the schedule. The cut is made here
    because croniter's own, up to 6.2, loses both sides when one has no date within the years that it searches.

    Raises ConfigurationError, whose message does not repeat the expression.
    """
    columns = _ALIASES.get(expression.lower(), expression).split()
    if len(columns) != len(_FIELDS) or columns[0].lower().startswith("cron("):
        raise ConfigurationError(_not_five(expression))
    minutes, hours, days, months, weekdays = (field.values(text) for field, text in zip(_FIELDS, columns, strict=True))
    by_day, by_weekday = (not {"*", "*/1"} & set(columns[place].split(",")) for place in (2, 4))
    possible = min(days) <= max(_DAYS_IN_MONTH[month - 1] for month in months)
    if not possible and not by_weekday:
        msg = f"day-of-month {columns[2]!r} never comes in month {columns[3]!r}: the job would never be due"
        raise ConfigurationError(msg)
    lines = []
    if possible and (by_day or not by_weekday):
        lines.append(_line(minutes, hours, days, months, range(7)))
    if by_weekday:
        lines.append(_line(minutes, hours, range(1, 32), months, weekdays))
    return lines


class _Field:
    """One of the five columns; `last` is the greatest value that `*` means, `greatest` that is allowed."""

    __slots__ = ("first", "greatest", "last", "name", "names")

    def __init__(self, name: str, first: int, last: int, *, names: str = "", greatest: int | None = None) -> None:
        self.name = name
        self.first = first
        self.last = last
        self.names = names.split()
        self.greatest = last if greatest is None else greatest

    def values(self, text: str) -> set[int]:
        """The values that the text means; 7, the other Sunday, as 0."""
        found = {value for item in text.split(",") for value in self._item(item)}
        return {value if value <= self.last else self.first for value in found}

    def _item(self, item: str) -> range:
        body, slash, step = item.partition("/")
        start, dash, end = body.partition("-")
        if body == "*":
            low, high = self.first, self.last
        else:
            low = self._value(start, item)
            high = self._value(end, item) if dash else low
        if low > high:
            spans = [(low, self.last)] if low <= self.last else []
            parts = ",".join(_span(*ends) for ends in (*spans, (self.first, high)))
            each = ", each with its step" if slash else ""
            msg = f"{self.name} {item!r} runs backwards: write {parts}{each}"
            raise ConfigurationError(msg)
        if not slash:
            return range(low, high + 1)
        if not dash and body != "*":
            # cron daemons disagree: an error, the value alone, or steps to the end, which for days is 6 or 7
            plain = f"{low}-{self.last}/{step}" if low < self.last else f"{low}"
            msg = f"{self.name} {item!r}: a step follows * or a range: write {plain}"
            raise ConfigurationError(msg)
        width = whole_number(step)
        if not width:
            msg = f"{self.name} {item!r}: expected a step of 1 or more after the slash"
            raise ConfigurationError(msg)
        if low + width > high:
            msg = (
                f"{self.name} {item!r}: a step of {width} goes beyond {_span(low, high)}, which leaves {low}"
                f" alone: write {low}, or give a period that no field holds as every="
            )
            raise ConfigurationError(msg)
        return range(low, high + 1, width)

    def _value(self, text: str, item: str) -> int:
        upper, number = text.upper(), whole_number(text)
        if upper in self.names:
            return self.first + self.names.index(upper)
        if number is not None and self.first <= number <= self.greatest:
            return number
        expected = f"a number from {self.first} to {self.greatest}"
        if self.names:
            expected += f" or a name from {', '.join(self.names)}"
        letters = upper.strip("0123456789")
        if upper == "?":
            expected = "* for any day; ? is AWS's and Quartz's"
        elif "~" in upper or (upper[:1] in {"H", "R"} and upper[1:2] in {"", "("}):
            expected = "a value of your choice: a random one would differ when a tick is retried"
        elif "#" in upper or letters in {"L", "W", "LW"} or upper.removesuffix("L") in self.names:
            expected += "; L, W and # are AWS's and Quartz's: have the job look at its slot's date instead"
        msg = f"{self.name} {item!r}: expected {expected}"
        raise ConfigurationError(msg)


_FIELDS = (
    _Field("minute", 0, 59),
    _Field("hour", 0, 23),
    _Field("day-of-month", 1, 31),
    _Field("month", 1, 12, names="JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC"),
    _Field("day-of-week", 0, 6, names="SUN MON TUE WED THU FRI SAT", greatest=7),
)


def _span(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low}-{high}"


def _line(*columns: Iterable[int]) -> str:
    listed = []
    for field, values in zip(_FIELDS, columns, strict=True):
        found = sorted(values)
        listed.append("*" if len(found) > field.last - field.first else ",".join(map(str, found)))
    return " ".join(listed)


def _not_five(expression: str) -> str:
    """Say what is wrong with an expression that has not five fields, and how it is written with five."""
    lower = expression.lower()
    if lower.startswith("@"):
        return _not_an_alias(lower)
    if lower.startswith("rate("):
        number, _, unit = lower.removeprefix("rate(").removesuffix(")").strip().partition(" ")
        every = f"{number}{unit[:1]}" if whole_number(number) and unit[:1] in {"m", "h", "d"} else "3h"
        return f'rate() is AWS\'s dialect: give a fixed period as every="{every}"'
    wrapped = lower.startswith("cron(")
    columns = (expression[len("cron(") :].removesuffix(")") if wrapped else expression).split()
    if wrapped and len(columns) == len(_FIELDS):
        return f"{_FIVE_FIELDS}, without cron(...) around them"
    if wrapped or (len(columns) == len(_FIELDS) + 1 and "?" in (columns[2], columns[4])):
        return f"this is AWS's dialect, whose last field is the year: {_FIVE_FIELDS}{_here(_from_aws(columns))}"
    if len(columns) <= len(_FIELDS):
        return f"{_FIVE_FIELDS}; got {len(columns)}"
    form = _from_seconds_first(columns)
    here = f"; without the seconds in front {form!r}" if form else ""
    return f"{_FIVE_FIELDS}; there is none for seconds and none for years; got {len(columns)}{here}"


def _here(form: str | None) -> str:
    return f", here {form!r}" if form else "; this one has no five-field form"


def _not_an_alias(name: str) -> str:
    if name == "@reboot":
        return "a function has no reboot: run the code while the app is imported, or give five fields"
    if name.startswith("@every"):
        return 'give a fixed period as every="3h", not as a cron expression'
    return f"expected five fields, or one of {', '.join(_ALIASES)}"


def _from_seconds_first(columns: Sequence[str]) -> str | None:
    """Six or seven fields that begin with seconds (Quartz, Spring, node-cron), at second 0, as five."""
    seconds, *rest = columns
    if len(rest) not in (len(_FIELDS), len(_FIELDS) + 1) or seconds not in ("0", "00"):
        return None
    if "?" in rest or len(rest) > len(_FIELDS):  # Quartz, whose days and year are AWS's
        return _from_aws([*rest, "*"][: len(_FIELDS) + 1])
    form = " ".join(rest)
    return form if _is_five_fields(form) else None


def _is_five_fields(form: str) -> bool:
    try:
        crontab_lines(form)
    except ConfigurationError:
        return False
    return True


def _from_aws(columns: Sequence[str]) -> str | None:
    """AWS's six fields as five: `?` is `*`, `a/n` runs to the field's end, Sunday is 1.

    After https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-scheduled-rule-pattern.html
    """
    if len(columns) != len(_FIELDS) + 1 or columns[-1] != "*":
        return None
    translated = []
    for field, text in zip(_FIELDS, columns, strict=False):
        items = []
        for item in text.replace("?", "*").split(","):
            body, slash, step = item.partition("/")
            if field is _FIELDS[-1]:
                body = "-".join(_from_aws_weekday(part) for part in body.split("-"))
            if slash and "-" not in body and body != "*":
                body = "*" if body == str(field.first) else f"{body}-{field.last}"
            items.append(f"{body}{slash}{step}")
        translated.append(",".join(items))
    form = " ".join(translated)
    return form if _is_five_fields(form) else None


def _from_aws_weekday(text: str) -> str:
    number = whole_number(text)
    return text if number is None else str(number - 1)
