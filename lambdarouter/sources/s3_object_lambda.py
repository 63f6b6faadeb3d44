"""S3 Object Lambda: handlers that change objects on their way out of a bucket.

::

    @app.s3_object_lambda()
    def redacted(request: ObjectRequest) -> ObjectReply:
        return ObjectReply(b"****", content_type="text/plain")

`operation` is the kind of request, "GET" (the default), "HEAD" or "LIST"; `access_point` narrows a handler to one. For
GET, a handler returns the object's body (bytes or text) or an `ObjectReply`, which is written through S3's API; this
needs boto3 (`lambdarouter[aws]`) and the permission `s3-object-lambda:WriteGetObjectResponse`. For HEAD and LIST, it
returns the reply itself. `request.input_url` is a presigned URL of the original.

Delivery: synchronous, within 60 seconds. An `HttpError` is the client's reply; any other error, and a request that no
handler takes, is a 500. AWS has closed Object Lambda to new customers.
https://docs.aws.amazon.com/AmazonS3/latest/userguide/olap-writing-lambda.html
"""

from __future__ import annotations

from lambdarouter.core.aws import client
from lambdarouter.core.check import check_beginning, check_choices
from lambdarouter.core.route import Delivery
from lambdarouter.core.single import FilterTrigger, SingleRecord, SynchronousSource, plain
from lambdarouter.core.view import field
from lambdarouter.errors import HttpError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Literal, Unpack

    from lambdarouter.core.route import Match, Outcome
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["ObjectReply", "ObjectRequest", "S3ObjectLambdaSource", "S3ObjectLambdaTrigger"]

_CONTEXTS = {
    "GET": ("getObjectContext",),
    "HEAD": ("headObjectContext",),
    "LIST": ("listObjectsContext", "listObjectsV2Context"),
}


class ObjectRequest(SingleRecord):
    """One request for an object, or for a list of them."""

    _id_path = ("xAmzRequestId",)

    request_id: str = field("xAmzRequestId")
    url: str = field("userRequest", "url", default="")
    headers: dict[str, str] = field("userRequest", "headers", of=dict, default=dict)
    access_point: str = field("configuration", "accessPointArn", default="")
    supporting_access_point: str = field("configuration", "supportingAccessPointArn", default="")
    # What the access point's configuration gives the function.
    payload: str = field("configuration", "payload", default="")
    user: dict[str, Any] = field("userIdentity", of=dict, default=dict)
    route: str = field("getObjectContext", "outputRoute", default="")
    token: str = field("getObjectContext", "outputToken", default="")

    @property
    def operation(self) -> str:
        """One of "GET", "HEAD" and "LIST"; empty where the event has no context of any."""
        return next((name for name, keys in _CONTEXTS.items() if any(key in self.raw for key in keys)), "")

    @property
    def input_url(self) -> str:
        """A presigned URL of what S3 would have answered with."""
        for key in _CONTEXTS.get(self.operation, ()):
            found = self.peek(key, "inputS3Url")
            if found is not None:
                return found
        return ""


class ObjectReply:
    """An object as the client is to get it. `metadata`: its `x-amz-meta-` headers."""

    __slots__ = ("body", "content_type", "metadata", "status")

    def __init__(
        self,
        body: bytes | str = b"",
        *,
        status: int = 200,
        content_type: str | None = None,
        metadata: Mapping[str, str] | None = None,
    ) -> None:
        self.body: bytes | str = body
        self.status: int = status
        self.content_type: str | None = content_type
        self.metadata: Mapping[str, str] | None = metadata


class S3ObjectLambdaSource(SynchronousSource):
    """Requests for objects: one handler answers."""

    names: tuple[str, ...] = ("s3.object_lambda",)
    decorator = "@app.s3_object_lambda()"
    record: type[View] = ObjectRequest
    reserve: float = 3.0

    def origin(self, record: ObjectRequest) -> str:
        """The kind of request, and the access point."""
        return f"the {record.operation or 'unknown'} request to the access point {record.access_point!r}"

    def result(self, match: Match, value: Any) -> Any:
        """What WriteGetObjectResponse takes; for HEAD and LIST, the value as JSON."""
        if match.record.operation != "GET":
            return plain(value)
        reply = value if isinstance(value, ObjectReply) else ObjectReply(value)
        if not isinstance(reply.body, (bytes, str)):
            msg = f"an object's body is bytes or text, not {reply.body!r:.60}"
            raise TypeError(msg)
        body = reply.body.encode() if isinstance(reply.body, str) else reply.body
        told: dict[str, Any] = {"Body": body, "StatusCode": reply.status}
        if reply.content_type is not None:
            told["ContentType"] = reply.content_type
        if reply.metadata is not None:
            told["Metadata"] = dict(reply.metadata)
        return told

    def respond(self, event: ObjectRequest, outcomes: Sequence[Outcome]) -> Any:
        """Write the object, or return the reply to a HEAD or LIST request."""
        error = outcomes[0].error
        told = outcomes[0].value if error is None else _error(error)
        if event.operation == "GET":
            return Delivery(lambda: _write(event, told))
        if error is None:
            return told
        return {"statusCode": told["StatusCode"], "errorCode": told["ErrorCode"], "errorMessage": told["ErrorMessage"]}

    def reports(self, outcome: Outcome) -> bool:
        """What the client did wrong is not for the log."""
        return not (isinstance(outcome.error, HttpError) and outcome.error.status < 500)  # noqa: PLR2004


def _error(error: Exception) -> dict[str, Any]:
    """What the client is told of an error: no internals."""
    if isinstance(error, HttpError):
        return {"StatusCode": error.status, "ErrorCode": "RequestRefused", "ErrorMessage": error.detail or str(error)}
    return {"StatusCode": 500, "ErrorCode": "InternalError", "ErrorMessage": "the object could not be made"}


def _write(event: ObjectRequest, told: dict[str, Any]) -> None:
    client("s3").write_get_object_response(RequestRoute=event.route, RequestToken=event.token, **told)


class S3ObjectLambdaTrigger(FilterTrigger):
    """`@app.s3_object_lambda()`: answer requests for objects.

    `operation`: "GET", "HEAD" or "LIST", or a list of them. `access_point`: the ARN of an Object Lambda access point or
    a glob, or a list of them; without, every one. `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = S3ObjectLambdaSource

    def __init__(
        self,
        operation: Literal["GET", "HEAD", "LIST"] | Sequence[Literal["GET", "HEAD", "LIST"]] = "GET",
        *,
        access_point: str | Sequence[str] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        check_choices("operation", operation, _CONTEXTS)
        super().__init__({"operation": operation, "access_point": access_point}, **shared)
        check_beginning("access_point", access_point, "arn:")
