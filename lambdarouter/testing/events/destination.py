"""What became of an asynchronous invocation, as Lambda tells a destination.

Shape after "Capturing records of Lambda asynchronous invocations" in the Lambda developer guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import MOMENT, arn, identifier, iso_millis, json_text, json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

__all__ = ["destination"]


def destination(
    function: str, payload: Any = None, *, condition: str = "RetriesExhausted", response: Any = None
) -> dict[str, Any]:
    """Build the record of one invocation of `function` with `payload` ("destination").

    `condition`: Success, RetriesExhausted or EventAgeExceeded. `response`: what the function returned, or its error.
    """
    failed = condition != "Success"
    error = {"errorMessage": "boom", "errorType": "RuntimeError"} if failed and response is None else response
    return {
        "version": "1.0",
        "timestamp": iso_millis(MOMENT),
        "requestContext": {
            "requestId": identifier("request", function, json_text(payload)),
            "functionArn": arn("lambda", f"function:{function}:$LATEST"),
            "condition": condition,
            "approximateInvokeCount": 3 if failed else 1,
        },
        "requestPayload": json_value(payload),
        "responseContext": {
            "statusCode": 200,
            "executedVersion": "$LATEST",
            **({"functionError": "Unhandled"} if failed else {}),
        },
        "responsePayload": json_value(error),
    }
