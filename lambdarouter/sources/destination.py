"""Lambda destinations: a handler for what became of another function's asynchronous invocation.

::

    @app.destination("orders", condition="RetriesExhausted")
    def failed(order: Order, record: DestinationEvent) -> None: ...

`function` is the other function's name or ARN, or a glob, or a list of them, and says whose records the handler takes.
`condition` is "Success", "RetriesExhausted" or "EventAgeExceeded", or a list of them; others are declined. One
parameter takes the payload that the other function was invoked with; `DestinationEvent` is passed by its type. A
destination that is a queue or a topic has the record inside its own: `via="sqs:failed-orders"`.

Delivery: asynchronous, at least once. All matching handlers run and are joined; if any raises, the invocation fails,
and Lambda runs all of them again. A record that no route names fails the invocation.
https://docs.aws.amazon.com/lambda/latest/dg/invocation-async-retain-records.html
"""

from __future__ import annotations

from lambdarouter.core.check import check_choices, check_resources
from lambdarouter.core.conversion import any_value, timestamp
from lambdarouter.core.envelope import hops_of
from lambdarouter.core.single import FilterTrigger, SingleRecord, SingleSource
from lambdarouter.core.view import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime
    from typing import Any, Literal, TypeAlias, Unpack

    from lambdarouter.core.envelope import Via
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

    Condition: TypeAlias = Literal["Success", "RetriesExhausted", "EventAgeExceeded"]

__all__ = ["DestinationEvent", "DestinationSource", "DestinationTrigger"]

_CONDITIONS = ("Success", "RetriesExhausted", "EventAgeExceeded")


class DestinationEvent(SingleRecord):
    """What became of an invocation."""

    _id_path = ("requestContext", "requestId")

    timestamp: datetime = field("timestamp", of=timestamp)
    request_id: str = field("requestContext", "requestId", default="")
    function_arn: str = field("requestContext", "functionArn", default="")
    condition: str = field("requestContext", "condition")
    attempts: int = field("requestContext", "approximateInvokeCount", of=int, default=0)
    payload: Any = field("requestPayload", of=any_value, default=None)
    executed_version: str = field("responseContext", "executedVersion", default="")
    # None where the function was not run at all.
    status: int | None = field("responseContext", "statusCode", of=int, default=None)
    # "Handled" or "Unhandled"; None for a success.
    error: str | None = field("responseContext", "functionError", default=None)
    response: Any = field("responsePayload", of=any_value, default=None)

    @property
    def function(self) -> str:
        """The other function's name."""
        parts = self.function_arn.split(":")
        return parts[6] if len(parts) > 6 else self.function_arn  # noqa: PLR2004 - arn:…:function:NAME:VERSION

    @property
    def functions(self) -> list[str]:
        """The names that a route may know it by."""
        return [self.function, self.function_arn]


class DestinationSource(SingleSource):
    """Records of invocations: all matching handlers, null or an error."""

    names: tuple[str, ...] = ("destination",)
    decorator = "@app.destination(function)"
    record: type[View] = DestinationEvent
    value: str | None = "payload"

    def origin(self, record: DestinationEvent) -> str:
        """The other function, and the condition."""
        return f"the {record.condition} of the function {record.function!r}"


class DestinationTrigger(FilterTrigger):
    """`@app.destination("orders", condition="RetriesExhausted")`: run for what became of this function's invocations.

    `function`: its name or ARN, or a glob, or a list of them; without, every function. `condition`: what the handler
    wants to hear of. `via`: the queue or the topic through which they come ("sqs:failed-orders"). `shared`: the options
    of every trigger.
    """

    __slots__ = ("via",)

    source: type[Source] = DestinationSource
    reads: Mapping[str, str] = {"function": "functions"}

    def __init__(
        self,
        function: str | Sequence[str] | None = None,
        *,
        condition: Condition | Sequence[Condition] | None = None,
        via: Via = None,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__({"function": function}, {"condition": condition}, **shared)
        self.via: tuple[Any, ...] = hops_of(via)
        check_choices("condition", condition, _CONDITIONS)
        check_resources("function", function, "lambda", kind="function:")
