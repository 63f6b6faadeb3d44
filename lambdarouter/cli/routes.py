"""`lambdarouter routes APP`: every handler of an app."""

from __future__ import annotations

from rich.text import Text

from lambdarouter.cli.origin import shown_path
from lambdarouter.cli.output import table, write
from lambdarouter.cli.target import Target, load
from lambdarouter.core.signature import location_of, name_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from lambdarouter.core.route import Route

__all__ = ["routes"]


def routes(target: Target) -> None:
    """List every handler: its source, its filter, the guard in front of it, the function and where it stands."""
    rows = [_row(route) for route in load(target).routes]
    if rows:
        table(("source", "filter", "guard", "handler", "place"), rows, whole=("source",))
    else:
        write(f"{target} has no routes")


def _row(route: Route) -> tuple[Text, ...]:
    guard: Callable[..., Any] | None = getattr(route.trigger, "auth", None)
    return (
        Text(_source(route), style="bold"),
        Text(route.trigger.describe()),
        Text("" if guard is None else name_of(guard), style="yellow"),
        Text(route.name),
        Text(_place(route), style="dim"),
    )


def _source(route: Route) -> str:
    """What the source's classified names have in common: "http" for http.rest and http.v2."""
    names = route.source.names or (type(route.source).__name__,)
    return names[0] if len(names) == 1 else names[0].partition(".")[0]


def _place(route: Route) -> str:
    where = location_of(route.handler.fn)
    return "" if where is None else f"{shown_path(where[0])}:{where[1]}"
