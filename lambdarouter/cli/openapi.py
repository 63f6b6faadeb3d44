"""`lambdarouter openapi APP`: the OpenAPI document of an app."""

from __future__ import annotations

import json
from typing import Annotated

import typer

from lambdarouter.cli.output import fail, write
from lambdarouter.cli.target import Target, load
from lambdarouter.errors import ConfigurationError

__all__ = ["openapi"]


def openapi(
    target: Target,
    *,
    yaml: Annotated[bool, typer.Option("--yaml", help="Write YAML instead of JSON; needs PyYAML.")] = False,
) -> None:
    """Print the OpenAPI 3.1 document of the app's HTTP routes."""
    try:
        document = load(target).openapi()
    except ConfigurationError as error:
        fail(str(error))
    if not yaml:
        write(json.dumps(document, indent=2, ensure_ascii=False))
        return
    try:
        from yaml import safe_dump
    except ModuleNotFoundError:
        fail("--yaml needs PyYAML: pip install pyyaml")
    write(safe_dump(document, sort_keys=False, allow_unicode=True).rstrip())
