"""What a signature and a request get wrong: parameters that nobody meant, and all of a request's mistakes at once."""

from __future__ import annotations

from lambdarouter.errors import ConfigurationError, InvalidPayloadError, MalformedPayloadError, listed

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from lambdarouter.core.handler import Getter, Handler
    from lambdarouter.core.invocation import Invocation
    from lambdarouter.core.route import Match
    from lambdarouter.sources.http.trigger import HttpTrigger

__all__ = ["check_signature", "gather"]

_SENT = ("path", "query", "header", "cookie", "body", "form", "file")


def check_signature(handler: Handler, trigger: HttpTrigger) -> None:
    """Refuse a body beside a form, and what looks like a path parameter that is spelt in two ways."""
    taken = {parameter.where for parameter in handler.parameters}
    if "body" in taken and taken & {"form", "file"}:
        msg = "the handler takes the body, and fields or files of a form: a request has one body, which is one of them"
        raise ConfigurationError(msg)
    if not trigger.parameters:
        return
    parameters = [parameter for each in _planned(handler, guards=True) for parameter in each.parameters]
    if any(parameter.where == "record" for parameter in parameters):
        return  # which has all path parameters
    left = trigger.parameters - {parameter.alias for parameter in parameters if parameter.where == "path"}
    asked = [
        parameter.name
        for parameter in handler.parameters
        if parameter.where == "query" and parameter.required and parameter.marker is None
    ]
    if left and asked:
        msg = (
            f"nobody takes the path parameter {{{min(left)}}} of {trigger.path!r}, and {asked[0]!r} is a query "
            "parameter that every request needs: is one of them misspelt? If not, write Annotated[…, Query()] for "
            f"{asked[0]!r}"
        )
        raise ConfigurationError(msg)


def gather(handler: Handler) -> None:
    """Have the handler, and what it depends on, tell all that a request got wrong, and not the first mistake only."""
    if len(_sent_getters(handler)) > 1:
        for each in _planned(handler, guards=False):
            each.call = _gathering(each.call, handler)


def _planned(handler: Handler, *, guards: bool) -> list[Handler]:
    others = [dependency.handler for dependency in handler.dependencies if guards or not dependency.leads]
    return [handler, *others]


def _sent_getters(handler: Handler) -> list[Getter]:
    planned = _planned(handler, guards=False)
    return [get for each in planned for parameter, get in each.getters if parameter.where in _SENT]


def _gathering(call: Getter, handler: Handler) -> Getter:
    def gathering(match: Match, invocation: Invocation) -> Any:
        try:
            return call(match, invocation)
        except MalformedPayloadError:
            raise
        except InvalidPayloadError as error:
            problems = _problems(_sent_getters(handler), match, invocation)
            # Raised by the function itself, or the only one.
            if len(problems) <= len(error.errors):
                raise
            raise InvalidPayloadError(listed(problems), problems) from None

    return gathering


def _problems(getters: list[Getter], match: Match, invocation: Invocation) -> list[Any]:
    """What is wrong, each once; what cannot even be decoded (400), or is refused (413, 415), is raised instead."""
    problems: list[Any] = []
    for get in getters:
        try:
            get(match, invocation)
        except MalformedPayloadError:
            raise
        except InvalidPayloadError as error:
            problems += [problem for problem in error.errors if problem not in problems]
    return problems
