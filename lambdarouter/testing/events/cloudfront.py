"""Events of Lambda@Edge.

Shape after "Lambda@Edge event structure" in the CloudFront developer guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import opaque_id

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["cloudfront"]


def cloudfront(
    event_type: str,
    uri: str = "/",
    *,
    method: str = "GET",
    querystring: str = "",
    headers: Mapping[str, str] | None = None,
    status: int = 200,
) -> dict[str, Any]:
    """Build one event of a distribution ("cloudfront").

    `event_type`: viewer-request, origin-request, origin-response or viewer-response. `status`: the response's, of the
    events that have one.
    """
    given = {"Host": "d111111abcdef8.cloudfront.net", **(headers or {})}
    event: dict[str, Any] = {
        "config": {
            "distributionDomainName": "d111111abcdef8.cloudfront.net",
            "distributionId": "EDFDVBD6EXAMPLE",
            "eventType": event_type,
            "requestId": opaque_id("request", uri),
        },
        "request": {
            "clientIp": "203.0.113.178",
            "headers": {name.lower(): [{"key": name, "value": value}] for name, value in given.items()},
            "method": method,
            "querystring": querystring,
            "uri": uri,
        },
    }
    if event_type.startswith("origin-"):
        event["request"]["origin"] = {
            "custom": {
                "customHeaders": {},
                "domainName": "example.org",
                "keepaliveTimeout": 5,
                "path": "",
                "port": 443,
                "protocol": "https",
                "readTimeout": 30,
                "sslProtocols": ["TLSv1.2"],
            }
        }
    if event_type.endswith("-response"):
        event["response"] = {
            "headers": {"content-type": [{"key": "Content-Type", "value": "text/html"}]},
            "status": str(status),
            "statusDescription": "OK" if status == 200 else "",  # noqa: PLR2004 - the one that AWS's example shows
        }
    return {"Records": [{"cf": event}]}
