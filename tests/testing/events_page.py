"""docs/events.md, made of the builders' signatures, docstrings and examples: `python -m tests.testing.events_page`."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from lambdarouter.testing import events
from lambdarouter.testing.events import BUILDERS, EXAMPLES, example

__all__ = ["PAGE", "page"]

PAGE = Path(__file__).parents[2] / "docs" / "events.md"

INTRO = """\
# Event builders

`lambdarouter.testing.events` builds the events of every source: plain functions that return what AWS would send, as a
fresh dict with every key that AWS documents. The same arguments give the same event in every run, in account
123456789012 and region eu-west-1.

The [test client](testing.md#the-client) has a method for each that sends the event, and the command line prints it:
[`lambdarouter event sns --topic orders --message hello`](cli.md#make-events). `BUILDERS` has them by the name that
`classify` gives their events; `EXAMPLES` has the calls below, and `example(name)` makes one.

Requests take `path` as in the URL (a query string after `?` is taken too); `query` and `headers`, names to a value or a
list of values; `cookies`, names to values; and one of `body`, text or bytes, and `json`, a value to send as JSON text.

What is sent as JSON may be a model, a dataclass, or hold dates, decimals, UUIDs, enums and sets. A `time` is a datetime
or ISO 8601 text, UTC where it names no zone.

```python
from lambdarouter import classify
from lambdarouter.testing.events import *

assert [classify(example(name)) for name in BUILDERS] == list(BUILDERS)
```

<!-- What follows is made by `python -m tests.testing.events_page`. -->
"""


def page() -> str:
    """The page as it should be."""
    return "\n".join([INTRO, *(_section(name) for name in sorted(BUILDERS))])


def _section(name: str) -> str:
    build = BUILDERS[name]
    call = EXAMPLES[name]
    given = [_argument(value) for value in call.args] + [
        f"{key}={_value(value)}" for key, value in call.keywords.items()
    ]
    test = _broken(f"event = {_path(build)}(", given, ")")
    return f"""\
## {name}

```text
{_signature(build)}
```

{inspect.getdoc(build)}

```python
{test}
assert classify(event) == "{name}"
```
"""


def _path(build: Callable[..., Any]) -> str:
    """How the function is called by one who imported all of `lambdarouter.testing.events`."""
    if getattr(events, build.__name__, None) is build:
        return str(build.__name__)
    return f"{build.__module__.rpartition('.')[2]}.{build.__name__}"


def _signature(build: Callable[..., Any]) -> str:
    signature = inspect.signature(build)
    shown = []
    starred = False
    for parameter in signature.parameters.values():
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY and not starred:
            shown.append("*")
        starred = starred or parameter.kind in {inspect.Parameter.KEYWORD_ONLY, inspect.Parameter.VAR_POSITIONAL}
        mark = str(parameter).partition(parameter.name)[0]
        default = "" if parameter.default is inspect.Parameter.empty else f" = {_value(parameter.default)}"
        shown.append(f"{mark}{parameter.name}: {parameter.annotation}{default}")
    return _broken(f"{_path(build)}(", shown, f") -> {signature.return_annotation}")


def _broken(before: str, parts: list[str], after: str) -> str:
    """A call in one line, or with a line for each part."""
    line = before + ", ".join(parts) + after
    if len(line) <= 100:
        return line
    return before + "".join(f"\n    {part}," for part in parts) + "\n" + after


def _argument(value: Any) -> str:
    """A value as an argument with a line of its own, in several lines where that is too short."""
    text = _value(value)
    if len(text) <= 110 or not isinstance(value, dict):
        return text
    return "{" + "".join(f"\n        {_value(key)}: {_value(each)}," for key, each in value.items()) + "\n    }"


def _value(value: Any) -> str:
    if isinstance(value, datetime):
        return f'"{value:%Y-%m-%dT%H:%M:%SZ}"'
    if isinstance(value, dict) and value == example("sqs"):
        return 'example("sqs")'
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_value(key)}: {_value(each)}" for key, each in value.items()) + "}"
    if isinstance(value, tuple):
        return "(" + ", ".join(map(_value, value)) + ("," if len(value) == 1 else "") + ")"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
