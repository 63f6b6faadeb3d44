"""Exception handlers: what answers in the place of an error."""

from __future__ import annotations

from lambdarouter.core.handler import plan
from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.scalar import members_of
from lambdarouter.core.signature import place_of
from lambdarouter.errors import ConfigurationError
from lambdarouter.sources.http.problem import status_of
from lambdarouter.sources.http.request import HttpRequest

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from typing import Any

    from lambdarouter.core.handler import Getter, Handler
    from lambdarouter.core.parameter import Parameter

__all__ = ["find_rescue", "plan_rescue"]


def plan_rescue(of: Any, fn: Callable[..., Any]) -> Handler:
    """Plan an exception handler for `of`, an exception class or a status. Raises `ConfigurationError`."""
    # bool is an int.
    is_status = type(of) is int and 400 <= of <= 599  # noqa: PLR2004 - HTTP's error statuses
    if not is_status and not (isinstance(of, type) and issubclass(of, Exception)):
        msg = f"exception_handler({of!r}): it is for an exception class, or for a status from 400 to 599"
        raise ConfigurationError(msg)
    if not callable(fn):
        msg = f"{fn!r} is no exception handler: the decorator goes directly above a function"
        raise ConfigurationError(msg)
    try:
        handler = plan(fn, _provide, choices="the error (annotated as its class, or not at all), Request, Context")
    except ConfigurationError as error:
        error.where = error.where or place_of(fn)
        raise
    if handler.dependencies:
        msg = "an exception handler has no dependencies: those of the call are torn down when it runs"
        raise ConfigurationError(msg, place_of(fn))
    return handler


def _provide(parameter: Parameter) -> Getter | None:
    wanted = parameter.annotation
    if wanted is EMPTY:
        is_error = parameter.required
    else:
        is_error = all(isinstance(kind, type) and issubclass(kind, Exception) for kind in members_of(wanted))
    if is_error:
        # As what a handler takes as its payload: there is one.
        parameter.where = "payload"
        return lambda match, invocation: match.ready.error  # type: ignore[union-attr] # the engine puts it there
    if parameter.marker is None and isinstance(wanted, type) and issubclass(HttpRequest, wanted):
        parameter.where = "record"
        return lambda match, invocation: match.record
    return None


def find_rescue(error: Exception, layers: Iterable[Mapping[Any, Handler]]) -> Handler | None:
    """The handler for an error, of the innermost layer that has one: for its class, its status, or a base class."""
    kind, *bases = type(error).__mro__
    keys = (kind, status_of(error), *bases)
    for layer in layers:
        for key in keys:
            if key in layer:
                return layer[key]
    return None
