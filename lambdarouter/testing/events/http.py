"""HTTP events: API Gateway REST, HTTP API (payload 2.0), function URL, Application Load Balancer, VPC Lattice.

All builders take the request as its client sends it and give it the shape of that gateway. What differs:

==================  ====================  ====================  ====================  =====================
                    REST                  HTTP API              function URL          ALB
==================  ====================  ====================  ====================  =====================
path                percent-encoded       decoded               percent-encoded       percent-encoded
query parameters    decoded               decoded               decoded               percent-encoded
repeated parameter  both maps             joined by commas      joined by commas      the last, or the list
header names        as sent               lower case            lower case            lower case
cookies             Cookie header         ``cookies`` list      ``cookies`` list      Cookie header
no body             ``null``              absent                absent                ``""``
==================  ====================  ====================  ====================  =====================

VPC Lattice sends paths percent-encoded, query parameters decoded, names in lower case, and no body as null; version
2.0 of its event has lists of values, version 1.0 snake_case names and values joined with commas.

Arguments of all builders: `path` as in the URL (``/books/a%20b``; a query string after ``?`` is taken too;
what may not stand in a URL is percent-encoded); `query` and `headers` map names to a value or a list of
values; `cookies` maps names to values; `body` is None, text, or bytes, which are sent base64-encoded; `json`
is a value to send as JSON text. Headers that every gateway adds (host, x-forwarded-for …) are there unless
`headers` says otherwise.

Shapes after "Set up Lambda proxy integrations in API Gateway" and "Create AWS Lambda proxy integrations for
HTTP APIs" (API Gateway developer guide), "Invoking Lambda function URLs" (Lambda), "Lambda functions as
targets" (Elastic Load Balancing), "Lambda functions as targets in VPC Lattice" (VPC Lattice). That an HTTP
API's path comes decoded is in none of them: it is what API Gateway does.
"""

from __future__ import annotations

from urllib.parse import quote, unquote

from lambdarouter.testing.events.common import (
    ACCOUNT,
    MOMENT,
    REGION,
    arn,
    clf,
    epoch_millis,
    opaque_id,
)
from lambdarouter.testing.events.request import SOURCE_IP, Sent, grouped, joined, path_parameters

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

__all__ = ["API_ID", "alb", "lattice_v1", "lattice_v2", "rest", "url", "v2"]

API_ID = "a1b2c3d4e5"
_API_DOMAIN = f"{API_ID}.execute-api.{REGION}.amazonaws.com"
_URL_ID = "abcdefghijklmnopqrstuvwxyz012345"
_URL_DOMAIN = f"{_URL_ID}.lambda-url.{REGION}.on.aws"
_ALB_DOMAIN = f"lambda-alb-1234567890.{REGION}.elb.amazonaws.com"
_LATTICE = f"orders-0a1b2c3d4e5f6a7b8.7d67968.vpc-lattice-svcs.{REGION}.on.aws"
_TARGET_GROUP = arn("elasticloadbalancing", "targetgroup/lambda-target/0123456789abcdef")


def rest(
    method: str,
    path: str,
    *,
    headers: Mapping[str, str | Sequence[str]] | None = None,
    query: Mapping[str, str | Sequence[str]] | None = None,
    cookies: Mapping[str, str] | None = None,
    body: str | bytes | None = None,
    json: Any = None,
    stage: str = "prod",
    authorizer: Mapping[str, Any] | None = None,
    resource: str = "/{proxy+}",
    stage_variables: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Build a request through an API Gateway REST API with Lambda proxy integration ("http.rest").

    `resource` is the API's resource template; path parameters are read from it. `authorizer` is what a Lambda
    authorizer left in requestContext.authorizer: its context, as strings, and the ``principalId``.
    """
    sent = Sent(method, path, headers=headers, query=query, cookies=cookies, body=body, json=json, host=_API_DOMAIN)
    if sent.path == "/" and resource == "/{proxy+}":
        resource = "/"  # a greedy parameter does not match the root: APIs have a resource of its own for it
    context: dict[str, Any] = {
        "accountId": ACCOUNT,
        "apiId": API_ID,
        "deploymentId": "d1e2f3",
        "domainName": _API_DOMAIN,
        "domainPrefix": API_ID,
        "extendedRequestId": opaque_id(sent.request_id),
        "httpMethod": sent.method,
        "identity": {
            "accessKey": None,
            "accountId": None,
            "caller": None,
            "cognitoAuthenticationProvider": None,
            "cognitoAuthenticationType": None,
            "cognitoIdentityId": None,
            "cognitoIdentityPoolId": None,
            "principalOrgId": None,
            "sourceIp": SOURCE_IP,
            "user": None,
            "userAgent": sent.header("User-Agent"),
            "userArn": None,
        },
        "path": f"/{stage}{sent.path}",
        "protocol": "HTTP/1.1",
        "requestId": sent.request_id,
        "requestTime": clf(MOMENT),
        "requestTimeEpoch": epoch_millis(MOMENT),
        "resourceId": "r1s2t3",
        "resourcePath": resource,
        "stage": stage,
    }
    if authorizer is not None:
        context["authorizer"] = dict(authorizer)
    return {
        "resource": resource,
        "path": sent.path,
        "httpMethod": sent.method,
        "headers": dict(sent.headers),
        "multiValueHeaders": grouped(sent.headers),
        "queryStringParameters": dict(sent.query) or None,
        "multiValueQueryStringParameters": grouped(sent.query) or None,
        "pathParameters": path_parameters(resource, sent.path),
        "stageVariables": dict(stage_variables) if stage_variables else None,
        "requestContext": context,
        "body": sent.body,
        "isBase64Encoded": sent.base64,
    }


def v2(
    method: str,
    path: str,
    *,
    headers: Mapping[str, str | Sequence[str]] | None = None,
    query: Mapping[str, str | Sequence[str]] | None = None,
    cookies: Mapping[str, str] | None = None,
    body: str | bytes | None = None,
    json: Any = None,
    stage: str = "$default",
    authorizer: Mapping[str, Any] | None = None,
    route_key: str = "$default",
    stage_variables: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """Build a request through an API Gateway HTTP API, payload format 2.0 ("http.v2").

    A named `stage` stands in front of the path, as API Gateway puts it. `authorizer` is the context of a
    Lambda authorizer, found at requestContext.authorizer.lambda. Path parameters are read from a `route_key`
    such as ``GET /orders/{order_id}``.
    """
    sent = Sent(method, path, headers=headers, query=query, cookies=cookies, body=body, json=json, host=_API_DOMAIN)
    decoded = unquote(sent.path)
    parameters = path_parameters(route_key.partition(" ")[2], decoded)
    event = _payload_2(
        sent,
        path=decoded if stage == "$default" else f"/{stage}{decoded}",
        route_key=route_key,
        stage=stage,
        account=ACCOUNT,
        api_id=API_ID,
        domain=_API_DOMAIN,
        authorizer=None if authorizer is None else {"lambda": dict(authorizer)},
    )
    if parameters:
        event["pathParameters"] = parameters
    if stage_variables:
        event["stageVariables"] = dict(stage_variables)
    return event


def url(
    method: str,
    path: str,
    *,
    headers: Mapping[str, str | Sequence[str]] | None = None,
    query: Mapping[str, str | Sequence[str]] | None = None,
    cookies: Mapping[str, str] | None = None,
    body: str | bytes | None = None,
    json: Any = None,
    iam: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Build a request to a Lambda function URL ("http.url").

    `iam` is the signer's identity where the URL's auth type is AWS_IAM, found at
    requestContext.authorizer.iam; without it the accountId is "anonymous".
    """
    sent = Sent(method, path, headers=headers, query=query, cookies=cookies, body=body, json=json, host=_URL_DOMAIN)
    return _payload_2(
        sent,
        path=sent.path,
        route_key="$default",
        stage="$default",
        account="anonymous" if iam is None else ACCOUNT,
        api_id=_URL_ID,
        domain=_URL_DOMAIN,
        authorizer=None if iam is None else {"iam": dict(iam)},
    )


def alb(
    method: str,
    path: str,
    *,
    headers: Mapping[str, str | Sequence[str]] | None = None,
    query: Mapping[str, str | Sequence[str]] | None = None,
    cookies: Mapping[str, str] | None = None,
    body: str | bytes | None = None,
    json: Any = None,
    multi_value: bool = False,
) -> dict[str, Any]:
    """Build a request through an Application Load Balancer ("http.alb").

    `multi_value` is the target group's ``lambda.multi_value_headers.enabled``: the event then has only the
    multiValue maps; without it only the plain ones, where the last of several values is left.
    """
    sent = Sent(method, path, headers=headers, query=query, cookies=cookies, body=body, json=json, host=_ALB_DOMAIN)
    encoded = [(quote(name, safe=""), quote(value, safe="")) for name, value in sent.query]
    event: dict[str, Any] = {
        "requestContext": {"elb": {"targetGroupArn": _TARGET_GROUP}},
        "httpMethod": sent.method,
        "path": sent.path,
    }
    if multi_value:
        event["multiValueQueryStringParameters"] = grouped(encoded)
        event["multiValueHeaders"] = grouped(sent.lower_headers())
    else:
        event["queryStringParameters"] = dict(encoded)
        event["headers"] = dict(sent.lower_headers())
    return event | {"body": sent.body or "", "isBase64Encoded": sent.base64}


def lattice_v1(
    method: str,
    path: str,
    *,
    headers: Mapping[str, str | Sequence[str]] | None = None,
    query: Mapping[str, str | Sequence[str]] | None = None,
    cookies: Mapping[str, str] | None = None,
    body: str | bytes | None = None,
    json: Any = None,
) -> dict[str, Any]:
    """Build a request through VPC Lattice, version 1.0 of the event ("http.lattice_v1")."""
    sent = Sent(method, path, headers=headers, query=query, cookies=cookies, body=body, json=json, host=_LATTICE)
    return {
        "raw_path": sent.path,
        "method": sent.method,
        "headers": joined(sent.lower_headers()),
        "query_string_parameters": dict(sent.query),
        "body": sent.body,
        "is_base64_encoded": sent.base64,
    }


def lattice_v2(
    method: str,
    path: str,
    *,
    headers: Mapping[str, str | Sequence[str]] | None = None,
    query: Mapping[str, str | Sequence[str]] | None = None,
    cookies: Mapping[str, str] | None = None,
    body: str | bytes | None = None,
    json: Any = None,
    identity: Mapping[str, Any] | None = None,
) -> dict[str, Any]:
    """Build a request through VPC Lattice, version 2.0 of the event ("http.lattice_v2").

    `identity` is what requestContext.identity holds beside the VPC that the request came from, where the service's
    auth type is AWS_IAM: ``{"type": "AWS_IAM", "principal": "arn:…"}``.
    """
    sent = Sent(method, path, headers=headers, query=query, cookies=cookies, body=body, json=json, host=_LATTICE)
    return {
        "version": "2.0",
        "path": sent.path,
        "method": sent.method,
        "headers": grouped(sent.lower_headers()),
        "queryStringParameters": grouped(sent.query),
        "body": sent.body,
        "isBase64Encoded": sent.base64,
        "requestContext": {
            "serviceNetworkArn": arn("vpc-lattice", "servicenetwork/sn-0a1b2c3d4e5f6a7b8"),
            "serviceArn": arn("vpc-lattice", "service/svc-0a1b2c3d4e5f6a7b8"),
            "targetGroupArn": arn("vpc-lattice", "targetgroup/tg-0a1b2c3d4e5f6a7b8"),
            "identity": {"sourceVpcArn": arn("ec2", "vpc/vpc-0a1b2c3d4e5f6a7b8"), **(identity or {})},
            "region": REGION,
            "timeEpoch": str(epoch_millis(MOMENT) * 1000),
        },
    }


def _payload_2(
    sent: Sent,
    *,
    path: str,
    route_key: str,
    stage: str,
    account: str,
    api_id: str,
    domain: str,
    authorizer: dict[str, Any] | None,
) -> dict[str, Any]:
    headers = sent.lower_headers()
    cookies = [cookie for name, value in headers if name == "cookie" for cookie in value.split("; ")]
    event: dict[str, Any] = {
        "version": "2.0",
        "routeKey": route_key,
        "rawPath": path,
        "rawQueryString": sent.query_string,
    }
    if cookies:
        event["cookies"] = cookies
    event["headers"] = joined(pair for pair in headers if pair[0] != "cookie")
    if sent.query:
        event["queryStringParameters"] = joined(sent.query)
    context: dict[str, Any] = {"accountId": account, "apiId": api_id}
    if authorizer is not None:
        context["authorizer"] = authorizer
    event["requestContext"] = context | {
        "domainName": domain,
        "domainPrefix": api_id,
        "http": {
            "method": sent.method,
            "path": path,
            "protocol": "HTTP/1.1",
            "sourceIp": SOURCE_IP,
            "userAgent": sent.header("User-Agent"),
        },
        "requestId": sent.request_id,
        "routeKey": route_key,
        "stage": stage,
        "time": clf(MOMENT),
        "timeEpoch": epoch_millis(MOMENT),
    }
    if sent.body is not None:
        event["body"] = sent.body
    event["isBase64Encoded"] = sent.base64
    return event
