from __future__ import annotations

import itertools

import pytest
from croniter import croniter
from hypothesis import example, given, strategies as st

from lambdarouter.errors import ConfigurationError
from lambdarouter.sources.cron.grammar import crontab_lines, whole_number

# first and last value of each field
BOUNDS = [(0, 59), (0, 23), (1, 31), (1, 12), (0, 7)]


@pytest.mark.parametrize(
    ("expression", "lines"),
    [
        ("* * * * *", ["* * * * *"]),
        ("0 */3 * * *", ["0 0,3,6,9,12,15,18,21 * * *"]),
        ("5,1-3,10-20/5 * * * *", ["1,2,3,5,10,15,20 * * * *"]),
        ("007 * * * *", ["7 * * * *"]),
        ("0 0 1 jan,Mar-MAY *", ["0 0 1 1,3,4,5 *"]),
        ("0 0 * * sun", ["0 0 * * 0"]),
        ("0 0 * * 7", ["0 0 * * 0"]),
        ("0 0 * * FRI-7", ["0 0 * * 0,5,6"]),
        ("0 0 * * 0-7", ["0 0 * * *"]),
        ("0 0 29 2 *", ["0 0 29 2 *"]),
        ("0 0 29-31 2 *", ["0 0 29,30,31 2 *"]),
        ("0 0 31 2,3 *", ["0 0 31 2,3 *"]),
        ("@hourly", ["0 * * * *"]),
        ("@daily", ["0 0 * * *"]),
        ("@Midnight", ["0 0 * * *"]),
        ("@weekly", ["0 0 * * 0"]),
        ("@monthly", ["0 0 1 * *"]),
        ("@yearly", ["0 0 1 1 *"]),
        ("@annually", ["0 0 1 1 *"]),
    ],
)
def test_croniter_gets_the_values_that_the_line_means(expression: str, lines: list[str]) -> None:
    assert crontab_lines(expression) == lines


def test_a_range_of_one_value_is_that_value_where_croniter_reads_all_of_them() -> None:
    assert croniter.expand("5-5 * * * *")[0][0] == ["*"]
    assert crontab_lines("5-5 * * * *") == ["5 * * * *"]


@pytest.mark.parametrize(
    ("expression", "lines"),
    [
        ("0 0 13 * FRI", ["0 0 13 * *", "0 0 * * 5"]),
        ("0 0 */2 * FRI", ["0 0 1,3,5,7,9,11,13,15,17,19,21,23,25,27,29,31 * *", "0 0 * * 5"]),
        ("0 0 1-31 * FRI", ["0 0 * * *", "0 0 * * 5"]),
        ("0 0 */1 * FRI", ["0 0 * * 5"]),
        ("0 0 13 * *,5", ["0 0 13 * *"]),
        ("0 0 31 2 MON", ["0 0 * 2 1"]),
    ],
)
def test_two_restricted_day_fields_become_two_lines_whose_union_is_meant(expression: str, lines: list[str]) -> None:
    assert crontab_lines(expression) == lines


@pytest.mark.parametrize(
    ("expression", "words"),
    [
        ("", "five fields: minute hour day-of-month month day-of-week; got 0"),
        ("* * * *", "got 4"),
        ("0 0 12 * * *", "none for seconds and none for years; got 6"),
        ("0 0 12 ? * MON *", "got 7"),
        ("60 * * * *", "minute '60': expected a number from 0 to 59"),
        ("-5 * * * *", "minute '-5': expected a number"),
        ("1,,2 * * * *", "minute '': expected a number"),
        ("1- * * * *", "minute '1-': expected a number"),
        ("1-2-3 * * * *", "minute '1-2-3': expected a number"),
        ("*-5 * * * *", r"minute '\*-5': expected a number"),
        ("+5 * * * *", r"minute '\+5'"),
        ("٣ * * * *", "minute '٣'"),
        ("9999999 * * * *", "minute '9999999'"),
        ("0 24 * * *", "hour '24': expected a number from 0 to 23"),
        ("0 MON * * *", "hour 'MON': expected a number from 0 to 23$"),
        ("0 0 0 * *", "day-of-month '0': expected a number from 1 to 31"),
        ("0 0 1 13 *", "month '13': expected a number from 1 to 12 or a name from JAN, FEB"),
        ("0 0 1 january *", "month 'january'"),
        ("0 0 * * 8", "day-of-week '8': expected a number from 0 to 7 or a name from SUN, MON"),
        ("50-10 * * * *", "minute '50-10' runs backwards: write 50-59,0-10$"),
        ("0 22-3/2 * * *", "hour '22-3/2' runs backwards: write 22-23,0-3, each with its step"),
        ("0 0 * * MON-SUN", "'MON-SUN' runs backwards: write 1-6,0$"),
        ("0 0 * * 7-3", "'7-3' runs backwards: write 0-3$"),
        ("*/0 * * * *", r"minute '\*/0': expected a step of 1 or more"),
        ("*/x * * * *", "expected a step of 1 or more"),
        ("*/ * * * *", "expected a step of 1 or more"),
        ("*/90 * * * *", "a step of 90 goes beyond 0-59, which leaves 0 alone: write 0, or .* every="),
        ("0 */24 * * *", "a step of 24 goes beyond 0-23"),
        ("10-20/15 * * * *", "a step of 15 goes beyond 10-20, which leaves 10 alone: write 10"),
        ("5/15 * * * *", r"a step follows \* or a range: write 5-59/15"),
        ("0 0 * * 7/2", r"range: write 7$"),
        ("0~59 * * * *", "minute '0~59': expected a value of your choice: a random one"),
        ("H * * * *", "minute 'H': expected a value of your choice: a random one"),
        ("h/15 * * * *", "a random one would differ when a tick is retried"),
        ("H(0-29)/10 * * * *", "a random one"),
        ("0 R * * *", "hour 'R': expected a value of your choice"),
        ("0 0 ? * MON", r"day-of-month '\?': expected \* for any day; \? is AWS's"),
        ("0 0 L * *", "day-of-month 'L': .*; L, W and # are AWS's"),
        ("0 0 15W * *", "L, W and # are AWS's"),
        ("0 0 LW * *", "L, W and # are AWS's"),
        ("0 0 * * 5L", "L, W and # are AWS's"),
        ("0 0 * * FRIL", "L, W and # are AWS's"),
        ("0 0 * * FRI#2", "L, W and # are AWS's"),
        ("0 0 * * WEN", "day-of-week 'WEN': expected [^;]*$"),
        ("0 0 30 2 *", "day-of-month '30' never comes in month '2': the job would never be due"),
        ("0 0 31 feb,4,jun *", "day-of-month '31' never comes in month 'feb,4,jun'"),
        ("0 0 31 2 */1", "never comes"),
        ("@reboot", "no reboot: run the code while the app is imported"),
        ("@every 3h", 'every="3h"'),
        ("@fortnightly", "expected five fields, or one of @hourly, @daily"),
        ("rate(3 hours)", 'every="3h"'),
        ("rate(1 day)", 'every="1d"'),
        ("RATE( 5  minutes)", 'every="5m"'),
        ("rate(often)", 'every="3h"'),
        ("cron(0 10 * * *)", "five fields: .*, without cron"),
    ],
)
def test_what_is_refused_is_told_what_was_expected_and_what_to_do(expression: str, words: str) -> None:
    with pytest.raises(ConfigurationError, match=words):
        crontab_lines(" ".join(expression.split()))


@pytest.mark.parametrize(
    ("expression", "form"),
    [
        ("cron(0 10 * * ? *)", "0 10 * * *"),
        ("Cron(0/15 8-17/3 ? * 2-6 *)", "*/15 8-17/3 * * 1-5"),
        ("cron(5/10 * ? JAN MON,7 *)", "5-59/10 * * JAN MON,6"),
        ("0 12 1/2 * ? *", "0 12 */2 * *"),
        ("0 12 ? * 1 *", "0 12 * * 0"),
    ],
)
def test_the_dialect_of_aws_is_refused_with_its_five_field_form(expression: str, form: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        crontab_lines(expression)
    assert str(refused.value).endswith(f"month day-of-week, here {form!r}")
    assert crontab_lines(form)


@pytest.mark.parametrize(
    "expression",
    [
        "cron(0 10 * * ? 2026)",  # a year
        "cron(0 0 L * ? *)",
        "cron(0 0 ? * FRI#2 *)",
        "cron(0 0 ? * 0 *)",  # AWS counts days from 1
        "cron()",
    ],
)
def test_what_has_no_five_field_form_is_told_so(expression: str) -> None:
    with pytest.raises(ConfigurationError, match="this one has no five-field form"):
        crontab_lines(expression)


@pytest.mark.parametrize(
    ("expression", "form"),
    [
        ("0 0 12 * * *", "0 12 * * *"),
        ("00 */5 * * * MON-FRI", "*/5 * * * MON-FRI"),
        ("0 0 12 ? * MON *", "0 12 * * MON"),  # Quartz with a year
        ("0 15 10 * * ? *", "15 10 * * *"),
        ("0 15 10 ? * 2-6", "15 10 * * 1-5"),  # Quartz without one counts days from Sunday, 1
    ],
)
def test_fields_for_seconds_are_refused_with_the_five_field_form(expression: str, form: str) -> None:
    with pytest.raises(ConfigurationError) as refused:
        crontab_lines(expression)
    assert str(refused.value).endswith(f"; without the seconds in front {form!r}")
    assert crontab_lines(form)


@pytest.mark.parametrize(
    "expression",
    ["30 0 12 * * *", "* * * * * *", "0 99 12 * * *", "0 0 12 * * ? 2026", "0 0 12 ? * 6L *", "0 1 2 3 4 5 6 7"],
)
def test_seconds_that_five_fields_cannot_express_are_refused_without_a_form(expression: str) -> None:
    with pytest.raises(ConfigurationError, match=r"none for seconds and none for years; got \d$"):
        crontab_lines(expression)


def test_a_number_is_up_to_six_plain_digits() -> None:
    assert [whole_number(text) for text in ("0", "007", "999999")] == [0, 7, 999999]
    for text in ("", "-1", "+1", "1.0", " 1", "1_0", "²", "٣", "1000000", "9" * 5000):
        assert whole_number(text) is None


@st.composite
def plain_items(draw: st.DrawFn, first: int, last: int) -> str:
    """An item that looks right: its numbers may be out of range, its step may be 0."""
    low, high = sorted((draw(st.integers(max(0, first - 1), last + 1)), draw(st.integers(first, last + 1))))
    forms = [f"{low}", f"{low}-{high}"]
    if last > first:
        forms.append(f"*/{draw(st.integers(0, (last if last != 7 else 6) - first))}")
    if high > low:
        forms.append(f"{low}-{high}/{draw(st.integers(0, high - low))}")
    return draw(st.sampled_from(forms))


plain_expressions = st.tuples(
    *(st.just("*") | st.lists(plain_items(first, last), min_size=1, max_size=3).map(",".join) for first, last in BOUNDS)
)


@given(plain_expressions)
@example(("0", "0", "31", "2", "*"))
@example(("0", "0", "30", "2,4", "*"))
@example(("0", "0", "31", "2,4", "*/1"))
def test_a_plain_line_is_accepted_exactly_when_croniter_accepts_it(columns: tuple[str, ...]) -> None:
    expression = " ".join(columns)
    # Its strict mode refuses the 31st of February even where the day of the week would do.
    any_weekday = {"*", "*/1"} & set(columns[4].split(","))
    try:
        lines = crontab_lines(expression)
    except ConfigurationError:
        assert not croniter.is_valid(expression, strict=bool(any_weekday))
    else:
        assert croniter.is_valid(expression, strict=bool(any_weekday))
        assert all(croniter.is_valid(line) for line in lines)


words = st.sampled_from(["*", "?", "L", "W", "#", "H", "R", "MON", "feb", "/", "-", ",", "(", ")", "@", "cron("])


@given(st.lists(st.lists(words | st.integers(0, 99).map(str), min_size=1, max_size=4).map("".join), max_size=7))
def test_whatever_is_accepted_is_accepted_by_croniter_and_all_else_is_a_configuration_error(
    columns: list[str],
) -> None:
    try:
        lines = crontab_lines(" ".join(columns))
    except ConfigurationError as error:
        assert str(error)  # noqa: PT017 - most of what is drawn is refused
    else:
        assert all(croniter.is_valid(line, strict=True) for line in lines)


def test_every_day_of_every_month_that_comes_is_accepted_and_no_other() -> None:
    days_in = dict(enumerate((31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31), 1))
    for month, day in itertools.product(days_in, range(1, 32)):
        if day <= days_in[month]:
            assert crontab_lines(f"0 0 {day} {month} *") == [f"0 0 {day} {month} *"]
        else:
            with pytest.raises(ConfigurationError, match="never comes"):
                crontab_lines(f"0 0 {day} {month} *")
