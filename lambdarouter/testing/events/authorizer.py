"""Authorizer events: what API Gateway asks a Lambda authorizer before it lets a request or a connection in.

The method or route ARN is ``arn:aws:execute-api:<region>:<account>:<api>/<stage>/<METHOD>/<path>``, the path
without its first slash; for a WebSocket API it ends in ``<stage>/$connect``. A REQUEST authorizer sees the
request in the shape its gateway gives it, without the body: `lambdarouter.testing.events.http` explains
`path`, `headers`, `query` and `cookies`.

Shapes after "Input to an API Gateway Lambda authorizer" and "Control access to HTTP APIs with AWS Lambda
authorizers" in the API Gateway developer guide.
"""

from __future__ import annotations

from lambdarouter.testing.events import http
from lambdarouter.testing.events.common import MOMENT, arn, clf, epoch_millis, opaque_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

__all__ = ["request_v1", "request_v2", "token", "websocket"]


def token(method: str, path: str, token: str, *, stage: str = "prod") -> dict[str, Any]:
    """Build what a REST API's TOKEN authorizer is asked ("authorizer.token").

    `token` is the whole value of the header that holds it, ``Bearer`` and all.
    """
    return {
        "type": "TOKEN",
        "authorizationToken": token,
        "methodArn": _arn(stage, method, http.rest(method, path)["path"]),
    }


def request_v1(
    method: str,
    path: str,
    *,
    headers: Mapping[str, str | Sequence[str]] | None = None,
    query: Mapping[str, str | Sequence[str]] | None = None,
    cookies: Mapping[str, str] | None = None,
    stage: str = "prod",
    resource: str = "/{proxy+}",
    stage_variables: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Build what a REST API's REQUEST authorizer is asked ("authorizer.request_v1")."""
    request = http.rest(
        method,
        path,
        headers=headers,
        query=query,
        cookies=cookies,
        stage=stage,
        resource=resource,
        stage_variables=stage_variables,
    )
    event: dict[str, Any] = {"type": "REQUEST", "methodArn": _arn(stage, method, request["path"])}
    event |= {key: request[key] for key in ("resource", "path", "httpMethod", "headers", "multiValueHeaders")}
    # A map without entries is null in the request itself and {} in the question to its authorizer.
    for key in (
        "queryStringParameters",
        "multiValueQueryStringParameters",
        "pathParameters",
        "stageVariables",
    ):
        event[key] = request[key] or {}
    event["requestContext"] = request["requestContext"]
    return event


def request_v2(
    method: str,
    path: str,
    *,
    headers: Mapping[str, str | Sequence[str]] | None = None,
    query: Mapping[str, str | Sequence[str]] | None = None,
    cookies: Mapping[str, str] | None = None,
    stage: str = "$default",
    route_key: str = "$default",
    stage_variables: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Build what an HTTP API's authorizer is asked, payload format 2.0 ("authorizer.request_v2").

    The identity source is the authorization header; null where `headers` has none.
    """
    request = http.v2(
        method,
        path,
        headers=headers,
        query=query,
        cookies=cookies,
        stage=stage,
        route_key=route_key,
        stage_variables=stage_variables,
    )
    in_stage: str = request["rawPath"] if stage == "$default" else request["rawPath"].removeprefix(f"/{stage}")
    authorization = request["headers"].get("authorization")
    del request["isBase64Encoded"], request["version"]
    return {
        "version": "2.0",
        "type": "REQUEST",
        "routeArn": _arn(stage, method, in_stage),
        "identitySource": None if authorization is None else [authorization],
    } | request


def websocket(
    *,
    headers: Mapping[str, str | Sequence[str]] | None = None,
    query: Mapping[str, str | Sequence[str]] | None = None,
    stage: str = "prod",
) -> dict[str, Any]:
    """Build what a WebSocket API's authorizer is asked when a client connects ("authorizer.websocket")."""
    handshake = {
        "Connection": "upgrade",
        "Sec-WebSocket-Key": "ZXhhbXBsZS1ub25jZS0wMQ==",
        "Sec-WebSocket-Version": "13",
        "Upgrade": "websocket",
    }
    request = http.rest("GET", "/", headers=handshake | dict(headers or {}), query=query, stage=stage)
    context = request["requestContext"]
    connection = opaque_id("connection", context["requestId"])
    return {
        "type": "REQUEST",
        "methodArn": arn("execute-api", f"{http.API_ID}/{stage}/$connect"),
        "headers": request["headers"],
        "multiValueHeaders": request["multiValueHeaders"],
        "queryStringParameters": request["queryStringParameters"] or {},
        "multiValueQueryStringParameters": request["multiValueQueryStringParameters"] or {},
        "stageVariables": {},
        "requestContext": {
            "routeKey": "$connect",
            "eventType": "CONNECT",
            "extendedRequestId": context["extendedRequestId"],
            "requestTime": clf(MOMENT),
            "messageDirection": "IN",
            "stage": stage,
            "connectedAt": epoch_millis(MOMENT),
            "requestTimeEpoch": epoch_millis(MOMENT),
            "identity": {"sourceIp": context["identity"]["sourceIp"]},
            "requestId": context["extendedRequestId"],
            "domainName": context["domainName"],
            "connectionId": connection,
            "apiId": http.API_ID,
        },
    }


def _arn(stage: str, method: str, path: str) -> str:
    return arn("execute-api", f"{http.API_ID}/{stage}/{method.upper()}/{path.removeprefix('/')}")
