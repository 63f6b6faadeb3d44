"""`lambdarouter event NAME`: print one event, made by the builder of that name."""

from __future__ import annotations

import inspect
from difflib import get_close_matches
from typing import Any

import typer
from typer.core import TyperGroup

from lambdarouter.cli.option import options_of
from lambdarouter.cli.output import fail, write_document

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["event"]


class _Builders(TyperGroup):
    def list_commands(self, ctx: Any) -> list[str]:
        from lambdarouter.testing.events import BUILDERS

        return list(BUILDERS)

    def get_command(self, ctx: Any, cmd_name: str) -> Any:
        from lambdarouter.testing.events import BUILDERS

        if cmd_name not in BUILDERS:
            near = [name for name in BUILDERS if name.startswith(f"{cmd_name}.")]
            near = near or get_close_matches(cmd_name, BUILDERS)
            meant = f"; is it {' or '.join(near)}?" if near else ":"
            fail(f"no builder is named {cmd_name!r}{meant} lambdarouter event --help lists them")
        build = BUILDERS[cmd_name]
        single = typer.Typer(add_completion=False, pretty_exceptions_enable=False)
        single.command(cmd_name, help=_documentation(build))(_command(build))
        return typer.main.get_command(single)


event: typer.Typer = typer.Typer(
    name="event",
    cls=_Builders,
    add_completion=False,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    subcommand_metavar="NAME [OPTIONS]",
)


@event.callback()
def _event() -> None:
    """Print an event as AWS would send it, as JSON: pipe it into `lambdarouter invoke APP --event -`."""


def _command(build: Callable[..., Any]) -> Callable[..., None]:
    """A command that prints what `build` makes of its options; what is not given is left to the builder's defaults."""
    options = options_of(build)
    signature = inspect.signature(build)

    def command(**given: Any) -> None:
        values = {
            option.parameter.name: option.value(given[option.parameter.name])
            for option in options
            if given[option.parameter.name] is not None
        }
        bound = inspect.BoundArguments(signature, values)
        try:
            made = build(*bound.args, **bound.kwargs)
        except (TypeError, ValueError) as error:
            missing = [option.name for option in options if option.rest and option.parameter.name not in values]
            fail(f"{error}: give {missing[0]}" if missing else str(error))
        write_document(made, yaml=False)

    command.__signature__ = inspect.Signature([option.declared() for option in options])  # type: ignore[attr-defined] # typer reads it
    command.__annotations__ = {}
    return command


def _documentation(build: Callable[..., Any]) -> str:
    """The builder's docstring, its paragraphs in one line each: the terminal's width breaks them."""
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in (inspect.getdoc(build) or "").split("\n\n"))
