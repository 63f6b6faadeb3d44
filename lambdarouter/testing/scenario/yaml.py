"""YAML with JSON's scalars: dates, `yes`, `012` and `12:30:00` are the text that they look like. Needs PyYAML."""

from __future__ import annotations

import re
from typing import Any

import yaml

__all__ = ["parse"]


def parse(text: str) -> Any:
    """The document. Raises ValueError for what is no YAML, and for a key that is there twice."""
    try:
        return yaml.load(text, _Loader)  # noqa: S506 - a SafeLoader
    except yaml.YAMLError as error:
        raise ValueError(str(error)) from error


class _Loader(yaml.SafeLoader):
    """PyYAML reads YAML 1.1, where an account id such as 012345670123 is an octal number, and `on` is true."""

    yaml_implicit_resolvers: dict[str, Any] = {}  # noqa: RUF012 - as PyYAML has it


def _mapping(loader: _Loader, node: yaml.MappingNode) -> Any:
    keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
    twice = next((key for key in keys if keys.count(key) > 1), None)
    if twice is not None:
        raise yaml.constructor.ConstructorError(None, None, f"the key {twice!r} is there twice", node.start_mark)
    return (yield from loader.construct_yaml_map(node))


_Loader.add_constructor("tag:yaml.org,2002:map", _mapping)
for _tag, _pattern, _first in (
    ("merge", r"<<", "<"),
    ("null", r"~|null|", ["~", "n", ""]),
    ("bool", r"true|false", "tf"),
    ("int", r"-?(?:0|[1-9][0-9]*)", "-0123456789"),
    ("float", r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][-+]?[0-9]+)?", "-0123456789"),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(rf"(?:{_pattern})\Z"), list(_first))
