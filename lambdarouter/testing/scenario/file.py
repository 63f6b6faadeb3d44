"""Scenario files, read: YAML as JSON has it, every mistake with its file and place."""

from __future__ import annotations

import json
from typing import Any

from pydantic import BaseModel, ValidationError

from lambdarouter.testing.scenario.model import Expectation, Given, Scenario

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence
    from pathlib import Path

    from pydantic_core import ErrorDetails

__all__ = ["SUFFIXES", "ScenarioError", "files", "load"]

SUFFIXES = (".scenario.yaml", ".scenario.yml", ".scenario.json")
_YAML = (".yaml", ".yml")
_MODELS: dict[str, type[BaseModel]] = {"expect": Expectation, "given": Given}


class ScenarioError(Exception):
    """A file is no scenario, or sends what cannot be built. The text names file and place."""


def files(path: Path) -> list[Path]:
    """The file itself; of a directory, the scenario files in it and below, by name."""
    if not path.is_dir():
        return [path]
    return sorted(each for each in path.rglob("*.scenario.*") if each.name.endswith(SUFFIXES))


def load(path: Path) -> Scenario:
    """Read a scenario, and the event files that it names. Raises `ScenarioError`."""
    document = _read(path)
    for number, invocation in enumerate(_invocations(document)):
        event = invocation.get("event")
        if isinstance(event, str):
            file = path.parent / event
            if not file.is_file():
                msg = f"{path}: invocations[{number}].event: there is no file {file}"
                raise ScenarioError(msg)
            invocation["event"] = _read(file)
    try:
        return Scenario.model_validate(document, context=str(path))
    except ValidationError as error:
        problems = error.errors(include_url=False, include_context=False)
        msg = "\n".join(f"{path}: {_place(each['loc'])}{_problem(each)}" for each in problems)
        raise ScenarioError(msg) from None


def _invocations(document: Any) -> Iterator[dict[str, Any]]:
    """The invocations of what need be no scenario."""
    found = document.get("invocations") if isinstance(document, dict) else None
    return (each for each in (found if isinstance(found, list) else ()) if isinstance(each, dict))


def _read(path: Path) -> Any:
    try:
        text = path.read_text("utf-8-sig")
    except OSError as error:
        msg = f"{path} cannot be read: {error.strerror or error}"
        raise ScenarioError(msg) from error
    except UnicodeDecodeError as error:
        msg = f"{path} is not UTF-8 text: {error.reason} at byte {error.start}"
        raise ScenarioError(msg) from error
    kind = "YAML" if path.suffix in _YAML else "JSON"
    try:
        return _yaml(text) if kind == "YAML" else json.loads(text, object_pairs_hook=_distinct)
    except ModuleNotFoundError as error:
        msg = f'{path} needs PyYAML: pip install "lambdarouter[yaml]"'
        raise ScenarioError(msg) from error
    except (ValueError, RecursionError) as error:
        msg = f"{path} is not {kind}: {error}"
        raise ScenarioError(msg) from error


def _yaml(text: str) -> Any:
    from lambdarouter.testing.scenario.yaml import parse  # noqa: PLC0415 - an extra, for those who write YAML

    return parse(text)


def _distinct(pairs: Sequence[tuple[Any, Any]]) -> dict[Any, Any]:
    """A mapping. Raises ValueError for a key that is there twice: one of the two would be lost."""
    found: dict[Any, Any] = {}
    for key, value in pairs:
        if key in found:
            msg = f"the key {key!r} is there twice"
            raise ValueError(msg)
        found[key] = value
    return found


def _place(location: Sequence[str | int]) -> str:
    """Where in the file: "invocations[0].expect.status: "; empty for the whole."""
    path = "".join(f"[{each}]" if isinstance(each, int) else f".{each}" for each in location).removeprefix(".")
    return f"{path}: " if path else ""


def _problem(error: ErrorDetails) -> str:
    if error["type"] == "extra_forbidden":
        parent = next((each for each in reversed(error["loc"][:-1]) if isinstance(each, str)), "")
        names = [field.alias or name for name, field in _MODELS.get(parent, Scenario).model_fields.items()]
        return f"there is no such key; there are {', '.join(names)}"
    if error["type"] == "model_type":
        return f"it is {error['input']!r:.80}; it is a mapping"
    return error["msg"].removeprefix("Value error, ")
