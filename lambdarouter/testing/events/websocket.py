"""What an API Gateway WebSocket API sends: a client connects, says something, is gone.

Shapes after "Invoke integrations with WebSocket APIs" and "API Gateway WebSocket API mapping template reference"
(API Gateway developer guide).
"""

from __future__ import annotations

from base64 import b64encode

from lambdarouter.testing.events import http
from lambdarouter.testing.events.common import MOMENT, clf, epoch_millis, json_text, opaque_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

__all__ = ["websocket"]

_HANDSHAKE = {
    "Sec-WebSocket-Extensions": "permessage-deflate; client_max_window_bits",
    "Sec-WebSocket-Key": "ZXhhbXBsZS1ub25jZS0wMQ==",
    "Sec-WebSocket-Version": "13",
}


def websocket(
    route_key: str,
    message: Any = None,
    *,
    connection: str = "L0SM9cOFvHcCIhw=",
    headers: Mapping[str, str | Sequence[str]] | None = None,
    query: Mapping[str, str | Sequence[str]] | None = None,
    stage: str = "prod",
    authorizer: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Build an event of a connection ("websocket"). `route_key`: "$connect", "$disconnect", or that of a message.

    `message`: text, bytes (sent as base64), anything else as JSON. `connection` is its id. `headers` and `query` are
    those a client connects with; `authorizer` is what the API's authorizer left in requestContext.authorizer, with
    every event.
    """
    kind = {"$connect": "CONNECT", "$disconnect": "DISCONNECT"}.get(route_key, "MESSAGE")
    sent = http.rest("GET", "/", headers=_HANDSHAKE | dict(headers or {}), query=query, stage=stage)
    request = opaque_id("websocket", route_key, connection)
    context: dict[str, Any] = {"routeKey": route_key}
    if authorizer is not None:
        context["authorizer"] = dict(authorizer)
    if kind == "MESSAGE":
        context["messageId"] = opaque_id("message", route_key, connection)
    if kind == "DISCONNECT":
        context |= {"disconnectStatusCode": 1005, "disconnectReason": ""}
    context |= {
        "eventType": kind,
        "extendedRequestId": request,
        "requestTime": clf(MOMENT),
        "messageDirection": "IN",
        "stage": stage,
        "connectedAt": epoch_millis(MOMENT),
        "requestTimeEpoch": epoch_millis(MOMENT),
        "identity": {
            "userAgent": sent["requestContext"]["identity"]["userAgent"],
            "sourceIp": sent["requestContext"]["identity"]["sourceIp"],
        },
        "requestId": request,
        "domainName": sent["requestContext"]["domainName"],
        "connectionId": connection,
        "apiId": http.API_ID,
    }
    event: dict[str, Any] = {"requestContext": context, "isBase64Encoded": isinstance(message, bytes)}
    if kind != "MESSAGE":
        event |= {"headers": sent["headers"], "multiValueHeaders": sent["multiValueHeaders"]}
    if kind == "CONNECT" and query:
        for name in ("queryStringParameters", "multiValueQueryStringParameters"):
            event[name] = sent[name]
    if kind == "MESSAGE":
        event["body"] = _body(message)
    return event


def _body(message: Any) -> str:
    if isinstance(message, bytes):
        return b64encode(message).decode()
    return message if isinstance(message, str) else "" if message is None else json_text(message)
