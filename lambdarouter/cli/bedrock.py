"""`lambdarouter bedrock APP`: what an app has for a Bedrock agent's action group."""

from __future__ import annotations

from typing import Annotated

import typer

from lambdarouter.cli.output import fail, write_document
from lambdarouter.cli.target import Target, load
from lambdarouter.errors import ConfigurationError

__all__ = ["bedrock"]

_QUOTA = 5


def bedrock(
    target: Target,
    *,
    group: Annotated[str | None, typer.Option(help="The action group; without it, all of the app's.")] = None,
    functions: Annotated[
        bool, typer.Option("--functions", help="The function schema, instead of the API schema.")
    ] = False,
    max_parameters: Annotated[
        int, typer.Option(min=0, help="Your account's quota of parameters per function.")
    ] = _QUOTA,
    yaml: Annotated[bool, typer.Option("--yaml", help="Write YAML instead of JSON; needs PyYAML.")] = False,
) -> None:
    """Print the schema of a Bedrock agent's action group, from the app's handlers."""
    app = load(target)
    try:
        if functions:
            document = app.bedrock_function_schema(group, max_parameters=max_parameters)
        else:
            document = app.bedrock_api_schema(group)
    except ConfigurationError as error:
        fail(str(error))
    write_document(document, yaml=yaml)
