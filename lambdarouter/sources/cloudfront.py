"""CloudFront: a handler for each of the four events of Lambda@Edge.

::

    @app.cloudfront("viewer-request")
    def redirect(event: CloudFrontEvent) -> dict | None:
        if event.uri == "/old":
            return {"status": "301", "headers": {"location": [{"value": "/new"}]}}
        event.request["headers"]["x-edge"] = [{"key": "X-Edge", "value": "1"}]

`event_type` is "viewer-request", "origin-request", "origin-response" or "viewer-response"; `distribution` is the id or
a list of ids. `CloudFrontEvent` is passed by its type; its `request` and `response` are copies, to be changed. A
handler that returns None sends on the request or the response as it left it; one that returns an object sends that: of
a request event the request, or a response that ends it there.

Delivery: synchronous; a viewer event within 5 seconds, an origin event within 30. A handler that raises, and an event
of no route, answer the viewer with an error 502. A response made by a viewer event has 40 KB at most, by an origin
event 1 MB.
https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/lambda-event-structure.html
"""

from __future__ import annotations

from lambdarouter.core.check import check_characters, check_choices
from lambdarouter.core.conversion import json_object
from lambdarouter.core.single import FilterTrigger, SingleRecord, SynchronousSource, plain
from lambdarouter.core.view import View, field, kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Literal, TypeAlias, Unpack

    from lambdarouter.core.route import Match
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared

    EventType: TypeAlias = Literal["viewer-request", "origin-request", "origin-response", "viewer-response"]

__all__ = ["CloudFrontEvent", "CloudFrontSource", "CloudFrontTrigger"]

_TYPES = ("viewer-request", "origin-request", "origin-response", "viewer-response")
_LIMITS = {"viewer": 40 * 1024, "origin": 1024 * 1024}  # bytes of a response that a function makes


class CloudFrontEvent(SingleRecord):
    """A request on its way in, or a response on its way out. `request` and `response` are copies, to be changed."""

    _id_path = ("cf", "config", "requestId")

    distribution: str = field("cf", "config", "distributionId", default="")
    domain: str = field("cf", "config", "distributionDomainName", default="")
    request_id: str = field("cf", "config", "requestId", default="")
    request: dict[str, Any] = field("cf", "request", of=json_object, default=dict)
    # Empty where there is none yet.
    response: dict[str, Any] = field("cf", "response", of=json_object, default=dict)
    method: str = field("cf", "request", "method", default="")
    uri: str = field("cf", "request", "uri", default="")
    querystring: str = field("cf", "request", "querystring", default="")
    client_ip: str = field("cf", "request", "clientIp", default="")

    @property
    def event_type(self) -> str:
        """The event's type; of one that does not say, whether there is a response yet."""
        found = self.peek("cf", "config", "eventType")
        return found or ("origin-response" if self.response else "viewer-request")

    def header(self, name: str) -> str | None:
        """The first value of a header of the request, or None."""
        headers = self.request.get("headers")
        values = headers.get(name.lower()) if isinstance(headers, dict) else None
        first = values[0] if isinstance(values, list) and values else None
        value = first.get("value") if isinstance(first, dict) else None
        return value if isinstance(value, str) else None


class CloudFrontSource(SynchronousSource):
    """Events of Lambda@Edge: one handler, the request or the response."""

    names: tuple[str, ...] = ("cloudfront",)
    decorator = "@app.cloudfront(event_type)"
    record: type[View] = CloudFrontEvent

    def parse(self, event: Any, name: str) -> View:
        """The event."""
        return View(event)

    def split(self, event: View) -> Sequence[CloudFrontEvent]:
        """The one record there is."""
        return [CloudFrontEvent(raw, "Records", index) for index, raw in enumerate(event.raw["Records"][:1])]

    def origin(self, record: CloudFrontEvent) -> str:
        """The type and the distribution."""
        return f"the {record.event_type} event of the distribution {record.distribution!r}"

    def result(self, match: Match, value: Any) -> dict[str, Any]:
        """The request or the response. Raises TypeError and ValueError for what CloudFront would not take."""
        record = match.record
        is_request = record.event_type.endswith("-request")
        reply = plain((record.request if is_request else record.response) if value is None else value)
        if not isinstance(reply, dict):
            msg = f"the handler returned {kind_of(reply)}; it returns a request, a response, or None"
            raise TypeError(msg)
        if value is not None and "status" in reply:
            limit = _LIMITS[record.event_type.partition("-")[0]]
            size = _size(reply)
            if size > limit:
                msg = (
                    f"the response has {size} bytes; one that a {record.event_type} function makes has {limit} at most"
                )
                raise ValueError(msg)
        return reply


def _size(response: dict[str, Any]) -> int:
    """The bytes of a response's headers and body."""
    size = len(str(response.get("body") or "").encode("utf-8", "surrogatepass"))
    headers = response.get("headers")
    for name, values in (headers if isinstance(headers, dict) else {}).items():
        for item in values if isinstance(values, list) else []:
            value = item.get("value") if isinstance(item, dict) else ""
            size += len(name) + len(str(value))
    return size


class CloudFrontTrigger(FilterTrigger):
    """`@app.cloudfront("viewer-request")`: answer these events of Lambda@Edge.

    `event_type`: the type, or a list of types; `distribution`: the distribution's id, or a list of ids; without, any.
    `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = CloudFrontSource

    def __init__(
        self,
        event_type: EventType | Sequence[EventType] | None = None,
        *,
        distribution: str | Sequence[str] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__({"event_type": event_type, "distribution": distribution}, **shared)
        check_choices("event_type", event_type, _TYPES)
        check_characters("distribution", distribution, "")
