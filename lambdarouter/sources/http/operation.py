"""One operation of the OpenAPI document: what a route takes and returns, and how it refuses."""

from __future__ import annotations

from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.scalar import members_of
from lambdarouter.core.signature import docstring_of, return_type
from lambdarouter.sources.http.described import told_of
from lambdarouter.sources.http.inputs import refuse_inputs, request_body, shown_parameters
from lambdarouter.sources.http.response import TITLES, RedirectResponse, Response
from lambdarouter.sources.http.security import guards_of, parameters_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any

    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Route
    from lambdarouter.sources.http.form import Limits
    from lambdarouter.sources.http.schemas import Schemas

__all__ = ["operation"]

_NO_CONTENT = 204


def operation(route: Route, schemas: Schemas, limits: Limits | None) -> dict[str, Any]:
    """The Operation Object of a route in an app with these limits, without its id and its security."""
    trigger: Any = route.trigger
    told = told_of(trigger)
    summary, description = docstring_of(route.handler.fn)
    made: dict[str, Any] = {}
    if told.tags:
        made["tags"] = list(told.tags)
    if told.summary or summary:
        made["summary"] = told.summary or summary
    if description:
        made["description"] = description
    if told.deprecated:
        made["deprecated"] = True
    parameters = list(parameters_of(route.handler))
    shown = shown_parameters(route, parameters, schemas)
    if shown:
        made["parameters"] = shown
    body = request_body(route, parameters, schemas)
    if body is not None:
        made["requestBody"] = body
    replies = _replies(route, schemas)
    for status, reasons in _refusals(route, parameters, limits).items():
        replies.setdefault(status, _problem(status, "; ".join(dict.fromkeys(reasons)), schemas))
    for status, said in told.responses.items():
        replies[status] = _said(status, said, route, schemas)
    made["responses"] = {str(status): replies[status] for status in sorted(replies, key=str)}
    return made


def _replies(route: Route, schemas: Schemas) -> dict[int | str, dict[str, Any]]:
    """The replies that the declared return type tells."""
    trigger: Any = route.trigger
    told = [status for status in told_of(trigger).responses if status < 400]  # noqa: PLR2004 - what is no error
    declared = return_type(route.handler.fn)
    success = trigger.status or 200
    replies: dict[int | str, dict[str, Any]] = {}
    if route.handler.streams:
        return {success: {"description": TITLES.get(success, "Success"), **_pieces(declared, route, schemas)}}
    members = members_of(declared)
    is_none = declared is None or declared is type(None)
    if is_none or (members != (declared,) and type(None) in declared.__args__):
        status = trigger.status or _NO_CONTENT
        replies[status] = {"description": TITLES.get(status, "Success")}
    data = [] if is_none else [member for member in members if not _is_response(member)]
    if data:
        replies[success] = {"description": TITLES.get(success, "Success"), **_content(data, route, schemas)}
    for member in members:
        if _is_response(member) and not told:
            replies = _of_response(member, success) | replies
    if trigger.etag:
        replies |= {304: {"description": TITLES[304]}}
    return replies


def _of_response(kind: type[Response], success: int) -> dict[int | str, dict[str, Any]]:
    """The replies of a response class, in whose hands the content is."""
    if issubclass(kind, RedirectResponse):
        return {"3XX": {"description": "Elsewhere"}}
    if kind.__name__ == "FileResponse":
        whole: dict[str, Any] = {"description": "The file", "content": {"*/*": {}}}
        part: dict[str, Any] = {"description": "The part of it that was asked for", "content": {"*/*": {}}}
        others: dict[int | str, Any] = {code: {"description": TITLES.get(code, "Error")} for code in (304, 412, 416)}
        return {200: whole, 206: part, **others}
    return {success: {"description": TITLES.get(success, "Success")}}


def _is_response(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, Response)


def _pieces(declared: Any, route: Route, schemas: Schemas) -> dict[str, Any]:
    """The content that a generator of this type yields. What one JSON line holds is a word of OpenAPI 3.2."""
    arguments = getattr(declared, "__args__", ())
    if not arguments:
        return {}
    if arguments[0] in (str, bytes):
        return _content(arguments[:1], route, schemas)
    data = [member for member in members_of(arguments[0]) if not getattr(member, "writes_itself", False)]
    if len(data) < len(members_of(arguments[0])):
        return {"content": {"text/event-stream": {"schema": {"type": "string"}}}}
    return {"content": {"application/jsonl": {"x-itemSchema": schemas.of(arguments[0], route.place, written=True)}}}


def _content(members: Sequence[Any], route: Route, schemas: Schemas) -> dict[str, Any]:
    """The content of a reply of these types: text, bytes, and everything else as JSON."""
    if EMPTY in members:
        return {}  # whatever the handler returns
    content: dict[str, Any] = {}
    rest = [member for member in members if member not in (str, bytes)]
    # With JSON beside it, a string is JSON too: the declared type is written as a whole.
    if str in members and not rest:
        content["text/plain"] = {"schema": {"type": "string"}}
    if bytes in members and not rest:
        content["application/octet-stream"] = {}
    if rest:
        declared = members[0]
        for member in members[1:]:
            declared = declared | member
        content["application/json"] = {"schema": schemas.of(declared, route.place, written=True)}
    return {"content": content}


def _refusals(route: Route, parameters: Sequence[Parameter], limits: Limits | None) -> dict[int, list[str]]:
    """The statuses with which the framework answers in place of the handler, and why."""
    refusals: dict[int, list[str]] = {}

    def add(status: int, reason: str) -> None:
        refusals.setdefault(status, []).append(reason)

    refuse_inputs(route, parameters, limits, add)
    if guards_of(route):
        add(401, "The credentials are missing, or cannot be read")
        add(403, "The credentials do not suffice")
    return refusals


def _said(status: int, said: Any, route: Route, schemas: Schemas) -> dict[str, Any]:
    """A reply that the decorator describes: by a text, or by the type of its JSON."""
    if said is None or isinstance(said, str):
        text = said or TITLES.get(status, "")
        return _problem(status, text, schemas) if status >= 400 else {"description": text}  # noqa: PLR2004 - an error
    if isinstance(said, dict):
        return said  # a Response Object of OpenAPI
    schema = schemas.of(said, route.place, written=True)
    return {"description": TITLES.get(status, ""), "content": {"application/json": {"schema": schema}}}


def _problem(status: int, description: str, schemas: Schemas) -> dict[str, Any]:
    return {
        "description": description or TITLES.get(status, "Error"),
        "content": {"application/problem+json": {"schema": schemas.of_problem()}},
    }
