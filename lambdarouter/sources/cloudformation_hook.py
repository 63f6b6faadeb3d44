"""CloudFormation Hooks: functions that look at stacks, resources and change sets before anything is done with them.

::

    @app.cloudformation_hook("AWS::S3::Bucket", point="CREATE_PRE_PROVISION")
    def encrypted(properties: dict) -> NonCompliant | None:
        return None if "BucketEncryption" in properties else NonCompliant("buckets are encrypted here")

`target` is the type of the resource ("AWS::S3::Bucket"), "STACK" or "CHANGE_SET", or a glob, or a list of them; `point`
narrows a handler to these invocation points. One parameter takes the properties of the resource that is looked at,
validated. None lets the operation go on, `NonCompliant` stops it (or warns, as the hook is set up), and after
`InProgress` the function is called again, three times at most.

Delivery: synchronous, within 30 seconds. A handler that raises, is late or does not exist is an InternalFailure.
https://docs.aws.amazon.com/cloudformation-cli/latest/hooks-userguide/lambda-hooks-create-lambda-function.html
"""

from __future__ import annotations

from lambdarouter.core.check import check_words
from lambdarouter.core.hook import HookSource, InProgress, NonCompliant, message_of
from lambdarouter.core.single import FilterTrigger, SingleRecord
from lambdarouter.core.view import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Unpack

    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["CloudFormationHookEvent", "CloudFormationHookSource", "CloudFormationHookTrigger"]

_LONGEST_MESSAGE = 1024  # of Cloud Control; CloudFormation itself keeps more
_MODEL = ("requestData", "targetModel")


class CloudFormationHookEvent(SingleRecord):
    """One operation that is looked at."""

    _id_path = ("clientRequestToken",)

    token: str = field("clientRequestToken", default="")
    hook: str = field("hookTypeName")
    # Such as "CREATE_PRE_PROVISION".
    point: str = field("actionInvocationPoint")
    # "AWS::S3::Bucket", "STACK" or "CHANGE_SET".
    target: str = field("requestData", "targetName", default="")
    target_type: str = field("requestData", "targetType", default="")
    logical_id: str = field("requestData", "targetLogicalId", default="")
    stack_id: str = field("stackId", default="")
    account_id: str = field("awsAccountId", default="")
    # What the resource is to be, and, in an update, what it is.
    properties: dict[str, Any] = field(*_MODEL, "resourceProperties", of=dict, default=dict)
    previous_properties: dict[str, Any] = field(*_MODEL, "previousResourceProperties", of=dict, default=dict)
    # Of a stack or a change set: where its template and the changes can be read, for a while.
    payload_url: str | None = field("requestData", "payload", default=None)
    # Which call it is, from 1, and what the one before left.
    invocation: int = field("requestContext", "invocation", of=int, default=1)
    callback_context: dict[str, Any] = field("requestContext", "callbackContext", of=dict, default=dict)


class CloudFormationHookSource(HookSource):
    """Operations: one handler says whether they may go on."""

    names: tuple[str, ...] = ("cloudformation.hook",)
    decorator = "@app.cloudformation_hook(target)"
    record: type[View] = CloudFormationHookEvent
    value: str | None = "properties"

    def origin(self, record: CloudFormationHookEvent) -> str:
        """The target and the point."""
        return f"the hook for {record.target or record.target_type!r} at {record.peek('actionInvocationPoint')}"

    def succeeded(self, record: CloudFormationHookEvent) -> dict[str, Any]:
        """It may go on."""
        return _reply(record, "SUCCESS")

    def refused(self, record: CloudFormationHookEvent, verdict: NonCompliant) -> dict[str, Any]:
        """It may not."""
        return _reply(record, "FAILED", errorCode="NonCompliant", message=verdict.message[:_LONGEST_MESSAGE])

    def waiting(self, record: CloudFormationHookEvent, verdict: InProgress) -> dict[str, Any]:
        """The function is called again."""
        return _reply(
            record, "IN_PROGRESS", callbackContext=verdict.details or {}, callbackDelaySeconds=verdict.after or 1
        )

    def broken(self, record: CloudFormationHookEvent, error: Exception) -> dict[str, Any]:
        """It could not be looked at."""
        return _reply(record, "FAILED", errorCode="InternalFailure", message=message_of(error)[:_LONGEST_MESSAGE])


def _reply(record: CloudFormationHookEvent, status: str, **more: Any) -> dict[str, Any]:
    return {"hookStatus": status, "clientRequestToken": record.peek("clientRequestToken"), **more}


class CloudFormationHookTrigger(FilterTrigger):
    """`@app.cloudformation_hook("AWS::S3::Bucket")`: look at operations on these targets.

    `target`: a type of resource, "STACK" or "CHANGE_SET", or a glob, or a list of them; without, every one. `point`:
    the invocation points that the handler wants; others may go on without it. `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = CloudFormationHookSource

    def __init__(
        self,
        target: str | Sequence[str] | None = None,
        *,
        point: str | Sequence[str] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__({"target": target}, {"point": point}, **shared)
        check_words("target", target, ("STACK", "CHANGE_SET"), lambda word: "::" in word or word.isupper())
        check_words("point", point, _POINTS, str.isupper)


_POINTS = ("CREATE_PRE_PROVISION", "UPDATE_PRE_PROVISION", "DELETE_PRE_PROVISION")
