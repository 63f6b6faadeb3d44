"""What datadog_lambda takes the sample events of a folder for, as JSON: path to its word.

Run by `tests.confusion`, with the interpreter of an environment made for it: `python -m venv peer &&
peer/bin/pip install datadog_lambda`. It imports nothing of this project.
"""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

__all__: list[str] = []


def _word(event: Any) -> str:
    trigger = import_module("datadog_lambda.trigger")
    try:
        return str(trigger.parse_event_source(event).to_string())
    except Exception as error:  # noqa: BLE001 - what it does with an event is what we want to see
        return f"{type(error).__name__}!"


def _main(corpus: Path) -> None:
    rows = [json.loads(line) for line in (corpus / "manifest.jsonl").read_text(encoding="utf-8").splitlines()]
    answers = {row["path"]: _word(json.loads((corpus / row["path"]).read_text(encoding="utf-8"))) for row in rows}
    json.dump(answers, sys.stdout)


if __name__ == "__main__":
    _main(Path(sys.argv[1]))
