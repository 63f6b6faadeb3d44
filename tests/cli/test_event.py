"""`lambdarouter event`: every builder as a command, its options those of its signature."""

from __future__ import annotations

import inspect
import json
from pathlib import Path
from typing import Any

import pytest

from lambdarouter.cli.option import options_of
from lambdarouter.testing.events import BUILDERS, EXAMPLES, cron, example, http, kafka, kinesis, lex, mq, s3, sns, sqs
from tests.cli.conftest import SHOP, Run, RunProcess


def printed(run: Run, *arguments: str, **more: Any) -> Any:
    result = run("event", *arguments, **more)
    assert result.exit_code == 0, result.stderr
    return json.loads(result.stdout)


def refused(run: Run, *arguments: str) -> str:
    """What is said of a mistake, in one line and without the frame that typer draws."""
    result = run("event", *arguments, COLUMNS="300")
    assert result.exit_code == 2
    assert result.stdout == ""
    return " ".join(result.stderr.replace("│", " ").split())


def words(name: str) -> list[str]:
    """A name's example as the words of a command: its arguments in the text that their options take."""
    call = EXAMPLES[name]
    given = inspect.signature(call.func).bind(*call.args, **call.keywords).arguments
    said: list[str] = []
    for option in options_of(call.func):
        value = given.get(option.parameter.name)
        if value is True:
            said.append(option.name)
        elif value is not None:
            for each in value if option.rest else [value]:
                said += [option.name, each if isinstance(each, str) else json.dumps(each)]
    return said


@pytest.mark.parametrize("name", BUILDERS)
def test_a_command_prints_what_its_builder_makes_of_the_same_arguments(name: str, run: Run) -> None:
    assert printed(run, name, *words(name)) == example(name)


@pytest.mark.parametrize("name", BUILDERS)
def test_the_help_of_a_command_has_every_option_once_with_its_default(name: str, run: Run) -> None:
    options = options_of(BUILDERS[name])
    text = run("event", name, "--help", COLUMNS="300").stdout

    assert len({option.name for option in options}) == len(options)
    for option in options:
        (line,) = [line for line in text.splitlines() if f" {option.name} " in line]
        default = option.parameter.default
        if isinstance(default, str | int) and default and default is not True:
            assert f"[default: {default}]" in line or f"[default: ({default})]" in line
        assert ("[required]" in line) == (option.declared().default is inspect.Parameter.empty)


def test_without_a_name_every_builder_is_listed_with_what_it_builds(run: Run) -> None:
    text = run("event", COLUMNS="300").output
    shown = {line.split()[1]: line for line in text.splitlines() if len(line.split()) > 1}

    assert BUILDERS.keys() <= shown.keys()
    assert "Build one record for each of `messages`" in shown["sns"]


def test_an_option_tells_what_the_docstring_says_of_it(run: Run) -> None:
    text = " ".join(run("event", "sqs", "--help", COLUMNS="300").stdout.split())

    assert "How often they were delivered, this time included [default: 1]" in text
    assert "--time TIME When they were sent [default: 2026-01-01T09:00:00+00:00]" in text


def test_what_several_builders_share_is_told_by_their_module(run: Run) -> None:
    text = " ".join(run("event", "http.v2", "--help", COLUMNS="300").stdout.split())

    assert "--json JSON|TEXT|@FILE `json` is a value to send as JSON text" in text
    assert "--cookie NAME=VALUE|JSON `cookies` maps names to values" in text


def test_an_event_is_piped_into_invoke(run_process: RunProcess) -> None:
    made = run_process("event", "http.v2", "--method", "GET", "--path", "/health")
    sent = run_process("invoke", str(SHOP), "--event", "-", "--json", stdin=made.stdout)

    assert (made.returncode, sent.returncode) == (0, 0)
    assert json.loads(sent.stdout)["reply"]["statusCode"] == 200


def test_the_json_is_json_whatever_the_encoding_of_the_output(run_process: RunProcess) -> None:
    for encoding in ("ascii", "latin-1", "utf-8"):
        made = run_process("event", "sns", "--topic", "t", "--message", "zoë 🦊", PYTHONIOENCODING=encoding)
        assert made.returncode == 0
        assert json.loads(made.stdout) == sns("t", "zoë 🦊")


def test_an_option_that_is_repeated_is_named_in_the_singular(run: Run) -> None:
    assert printed(run, "sqs", "--queue", "q", "--body", "a", "--body", '{"id": 1}') == sqs("q", "a", {"id": 1})
    assert printed(run, "http.url", "--method", "GET", "--path", "/", "--cookie", "a=1", "--cookie", "b=2") == http.url(
        "GET", "/", cookies={"a": "1", "b": "2"}
    )
    assert "--property" in run("event", "cloudformation", "--help").stdout


def test_what_takes_anything_takes_json_or_text_that_is_none(run: Run) -> None:
    def sent(message: str) -> Any:
        return printed(run, "sns", "--topic", "t", "--message", message)

    assert sent("ERROR in {") == sns("t", "ERROR in {")
    assert sent('"{"') == sns("t", "{")
    assert sent("[1, null]") == sns("t", [1, None])
    assert sent("NaN") == sns("t", "NaN")
    assert sent("9" * 5000) == sns("t", "9" * 5000)
    assert sent("[" * 100_000) == sns("t", "[" * 100_000)
    assert printed(run, "kafka.msk", "--topic", "t", "--value", "null") == kafka.msk("t", None)


def test_a_mapping_is_given_by_pairs_or_as_a_json_object(run: Run) -> None:
    queue = ("sqs", "--queue", "q", "--body", "b")
    expected = sqs("q", "b", attributes={"kind": "new", "n": 7, "zip": "0123", "eq": "a=b"})

    pairs = ("--attribute", "kind=new", "--attribute", "n=7", "--attribute", 'zip="0123"', "--attribute", "eq=a=b")
    assert printed(run, *queue, *pairs) == expected
    whole = json.dumps({"kind": "new", "n": 7, "zip": "0123"})
    assert printed(run, *queue, "--attribute", whole, "--attribute", "eq=a=b") == expected
    assert printed(run, "lex.v2", "--intent", "i", "--slot", '{"city": null}') == lex.v2("i", {"city": None})
    bucket = ("s3.eventbridge", "--bucket", "b", "--key", "k", "--detail", 'restore={"days": 3}')
    assert printed(run, *bucket) == s3.eventbridge("b", "k", restore={"days": 3})


def test_a_number_is_one_where_text_may_stand_too(run: Run) -> None:
    queue = ("mq.rabbitmq", "--queue", "q", "--message", "m", "--header", "tries=7", "--header", "kind=new")

    assert printed(run, *queue) == mq.rabbitmq("q", "m", headers={"tries": 7, "kind": "new"})


def test_a_time_may_be_without_a_zone(run: Run) -> None:
    assert printed(run, "cron.rule", "--time", "2026-01-01T03:00") == cron.rule("2026-01-01T03:00Z")


def test_a_file_for_a_mapping_has_an_object(run: Run, tmp_path: Path) -> None:
    (tmp_path / "list.json").write_text("[1]")

    told = refused(run, "dashboard", "--name", "n", "--parameter", f"@{tmp_path}/list.json")
    assert "'--parameter': '[1]' is not a JSON object" in told


def test_a_header_comes_as_often_as_it_is_given(run: Run) -> None:
    asked = ("http.rest", "--method", "GET", "--path", "/", "--header", "X-Tag=a", "--header", '{"X-Tag": ["b", "c"]}')

    assert printed(run, *asked) == http.rest("GET", "/", headers={"X-Tag": ["a", "b", "c"]})


def test_one_value_is_that_of_all_and_several_are_one_for_each(run: Run) -> None:
    stream = ("kinesis", "--stream", "s", "--data", "x", "--data", "y")

    assert printed(run, *stream, "--partition-key", "a") == kinesis("s", "x", "y", partition_key="a")
    both = ("--partition-key", "a", "--partition-key", "b")
    assert printed(run, *stream, *both) == kinesis("s", "x", "y", partition_key=["a", "b"])
    topic = ("kafka.msk", "--topic", "t", "--value", "x", "--value", "y", "--partition", "0", "--partition", "1")
    assert printed(run, *topic) == kafka.msk("t", "x", "y", partition=[0, 1])


def test_at_stands_before_the_file_that_a_value_is_in(run: Run, tmp_path: Path) -> None:
    (tmp_path / "order.json").write_text('\ufeff{"id": 1}', "utf-8")
    (tmp_path / "photo").write_bytes(b"\xff\xd8")

    order, photo = f"@{tmp_path}/order.json", f"@{tmp_path}/photo"
    assert printed(run, "sqs", "--queue", "q", "--body", order) == sqs("q", {"id": 1})
    assert printed(run, "kinesis", "--stream", "s", "--data", photo) == kinesis("s", b"\xff\xd8")
    assert printed(run, "sqs", "--queue", "q", "--body", "b", "--attribute", f"photo={photo}") == sqs(
        "q", "b", attributes={"photo": b"\xff\xd8"}
    )
    upload = ("http.v2", "--method", "PUT", "--path", "/p", "--body")
    assert printed(run, *upload, photo) == http.v2("PUT", "/p", body=b"\xff\xd8")
    assert printed(run, *upload, "@-", stdin=b"\xff") == http.v2("PUT", "/p", body=b"\xff")
    piped = printed(run, "pipes", "--event", "@-", stdin=json.dumps(sqs("q", "b")))
    assert piped[0]["body"] == "b"


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["sns"], "Missing option '--topic'"),
        (["sns", "--topic", "t"], "Error: an SNS event carries at least one message: give --message"),
        (["sns", "--topics", "t"], "No such option: --topics"),
        (
            ["cron.rule", "--time", "noon"],
            "'--time': 'noon' is no time; ISO 8601 is expected, such as 2026-01-01T03:00Z",
        ),
        (["cron.rule", "--time", "0001-01-01T00:00+23:59"], "'--time': '0001-01-01T00:00+23:59' is no time"),
        (["dynamodb", "--table", "t", "--change", "x"], "'--change': 'x' is not JSON: Expecting value"),
        (["dynamodb", "--table", "t", "--change", "[1]"], "'--change': '[1]' is not a JSON array of 2"),
        (["dynamodb", "--table", "t", "--change", '[null, "x"]'], "'x' is no item: one is a mapping"),
        (["dynamodb", "--table", "t", "--change", '[null, {"a": 1}]'], "the item has no id: `keys` names"),
        (["dynamodb", "--table", "t", "--change", "[null, null]"], "a change has an old item, a new one, or both"),
        (["dynamodb", "--table", "t", "--view-type", "ALL"], "'--view-type': 'ALL' is none of KEYS_ONLY, NEW_IMAGE"),
        (["destination.stream", "--stream", "s", "--size", "big"], "'--size': 'big' is no whole number"),
        (["documentdb", "--collection", "c", "--document", "x"], "'x' is no document: one is an object with an _id"),
        (["connect", "--attribute", "x"], "'--attribute': 'x' is neither NAME=VALUE nor a JSON object"),
        (["connect", "--attribute", '{"a": 1}'], """'--attribute': '{"a": 1}' is not a JSON object with text"""),
        (["connect", "--attribute", "a=1", "--attribute", "a=2"], "'a' is given twice, and has one value"),
        (["lex.v1", "--intent", "i", "--slot", "{"], "'--slot': '{' is not JSON"),
        (["lex.v1", "--intent", "i", "--slot", '{"a": 1}'], "is not a JSON object with text or null"),
        (
            ["http.v2", "--method", "PUT", "--path", "/", "--body", "@gone"],
            "'--body': the file 'gone' cannot be read: No such",
        ),
        (
            ["http.v2", "--method", "PUT", "--path", "/", "--header", '{"a": 1}'],
            "a JSON object with text or lists of text",
        ),
        (
            ["sqs", "--queue", "q", "--body", "b", "--attribute", "urgent=true"],
            "attribute 'urgent': SQS has text, numbers",
        ),
        (["sqs", "--queue", "q", "--body", "b", "--attribute", "=1"], "'=1' is neither NAME=VALUE nor a JSON object"),
        (["pipes", "--event", "[]"], "'--event': '[]' is neither NAME=VALUE nor a JSON object"),
        (["pipes", "--event", "{}"], "an event with Records is expected, not one with nothing"),
        (["snz"], "no builder is named 'snz'; is it sns?"),
        (["kafka"], "no builder is named 'kafka'; is it kafka.msk or kafka.self_managed?"),
        (["xyzzy"], "no builder is named 'xyzzy': lambdarouter event --help lists them"),
    ],
    ids=lambda value: " ".join(value)[:60] if isinstance(value, list) else "",
)
def test_a_mistake_is_told_with_the_option_what_was_seen_and_what_is_expected(
    arguments: list[str], told: str, run: Run
) -> None:
    assert told in refused(run, *arguments)
