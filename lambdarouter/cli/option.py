"""The parameters of a Python function as the options of a command.

What a parameter is annotated with decides how it is given. Text is taken as it is; what takes anything takes JSON, or
text that is none; what takes bytes, `@FILE`. A sequence is given by repetition; a mapping as NAME=VALUE, by repetition,
or as a JSON object. An option that may be repeated is named in the singular.
"""

from __future__ import annotations

import inspect
import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Annotated, Any, get_args

import typer

from lambdarouter.cli.value import alternatives, merged, of_origin, reader

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable

__all__ = ["Option", "options_of"]


def options_of(function: Callable[..., Any]) -> list[Option]:
    """The options for a builder's parameters, in order, with what its docstring, or its module's, says of each."""
    from lambdarouter.testing.events.common import hints_of

    hints = hints_of(function)
    shared = inspect.getdoc(inspect.getmodule(function)) or ""
    documentation = inspect.getdoc(function) or ""
    return [
        Option(parameter, hints[name], _told(documentation, name) or _told(shared, name))
        for name, parameter in inspect.signature(function).parameters.items()
    ]


class Option:
    """One parameter: `name` is the option's, `declared` what typer makes it of, `value` what the function is given."""

    def __init__(self, parameter: inspect.Parameter, hint: Any, told: str | None) -> None:
        self.parameter = parameter
        self._hint = hint
        self._told = told
        self.rest: bool = parameter.kind is inspect.Parameter.VAR_POSITIONAL
        self._mapping: Any = None if self.rest else of_origin(hint, Mapping)
        if parameter.kind is inspect.Parameter.VAR_KEYWORD:
            self._mapping = Mapping[str, Any]
        self._sequence: Any = None if self.rest else of_origin(hint, Sequence)
        self._repeated = self.rest or self._mapping is not None or self._sequence is not None
        self._takes, self._read = reader(self._mapping or (get_args(self._sequence) or (hint,))[0])
        name = _singular(parameter.name) if self._repeated else parameter.name
        self.name: str = f"--{name.replace('_', '-')}"

    def declared(self) -> inspect.Parameter:
        """The parameter of a command, as typer reads it."""
        default = self.parameter.default
        kind: Any = list[Any] if self._repeated else Any
        # typer shows no default of a list, and would have it read.
        shown: Any = ", ".join(map(str, _listed(default))) if self._repeated else True
        info = typer.Option(
            self.name, help=self._told, metavar=self._takes, parser=self._parsed, show_default=shown or False
        )
        if self._hint is bool:
            kind, info = bool, typer.Option(self.name, help=self._told)
        elif isinstance(default, datetime):
            default = default.isoformat()
        elif self._repeated and (default is not inspect.Parameter.empty or self.parameter.kind in _OPTIONAL):
            default = None
        return inspect.Parameter(
            self.parameter.name, inspect.Parameter.KEYWORD_ONLY, annotation=Annotated[kind, info], default=default
        )

    def value(self, given: Any) -> Any:
        """What was given, as the function takes it."""
        if self._mapping is not None:
            try:
                return merged(given, get_args(self._mapping)[1])
            except ValueError as error:
                raise typer.BadParameter(str(error), param_hint=self.name) from error
        alone = self._sequence is not None and get_args(self._sequence)[0] in alternatives(self._hint)
        return given[0] if alone and len(given) == 1 else given

    def _parsed(self, given: Any) -> Any:
        if not isinstance(given, str):  # the default
            return given
        try:
            return self._read(given)
        except ValueError as error:
            raise typer.BadParameter(str(error)) from error


_OPTIONAL = {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}


def _listed(default: Any) -> list[Any]:
    if default in {None, inspect.Parameter.empty}:
        return []
    return [default] if isinstance(default, str | int) else list(default)


def _singular(name: str) -> str:
    """The English singular of a parameter's name: bodies, headers, and cookies."""
    return re.sub(r"(?<!k)ies$", "ys", name).removesuffix("s")


def _told(documentation: str, name: str) -> str | None:
    """What a documentation, its summary apart, says of a parameter: the sentence, or the part of one, that names it."""
    _, _, rest = documentation.partition("\n\n")
    parts = re.split(r"(?<=[.;]) (?=`)|(?<=\.) (?=[A-Z(])", " ".join(rest.split()))
    naming = [part for part in parts if re.search(f"(?<!`)`{name}`", part)]
    naming.sort(key=lambda part: not part.startswith(f"`{name}`"))
    if not naming:
        return None
    text = naming[0].removeprefix(f"`{name}`: ").rstrip(".;")
    return text[:1].upper() + text[1:]
