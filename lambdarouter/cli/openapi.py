"""`lambdarouter openapi APP`: the OpenAPI document of an app."""

from __future__ import annotations

from typing import Annotated

import typer

from lambdarouter.cli.output import fail, write_document
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
    write_document(document, yaml=yaml)
