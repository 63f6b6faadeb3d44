"""CloudWatch alarms: a handler for an alarm's Lambda action.

::

    @app.alarm("checkout-*", state="ALARM")
    async def page(alarm: AlarmEvent) -> None: ...

`name` is the alarm's name or a glob, or a list of them, and says whose changes the handler takes. `state` is the state,
or the list of states, that it wants ("OK", "ALARM", "INSUFFICIENT_DATA"); a change to another is declined. `AlarmEvent`
is passed by its type.

Delivery: asynchronous, at least once, once per change of state for which the alarm has an action. All matching handlers
run and are joined; if any raises, the invocation fails, and Lambda runs all of them again (twice by default). An alarm
that no route names fails the invocation.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/alarms-and-actions-Lambda.html
"""

from __future__ import annotations

from lambdarouter.core.check import check_choices
from lambdarouter.core.conversion import timestamp
from lambdarouter.core.envelope import hops_of
from lambdarouter.core.single import FilterTrigger, SingleRecord, SingleSource
from lambdarouter.core.view import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any, Literal, TypeAlias, Unpack

    from lambdarouter.core.envelope import Via
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

    State: TypeAlias = Literal["OK", "ALARM", "INSUFFICIENT_DATA"]

__all__ = ["AlarmEvent", "AlarmSource", "AlarmTrigger"]

_STATES = ("OK", "ALARM", "INSUFFICIENT_DATA")


class AlarmEvent(SingleRecord):
    """A change of an alarm's state, of a metric alarm or a composite one."""

    alarm_arn: str = field("alarmArn")
    account_id: str = field("accountId", default="")
    region: str = field("region", default="")
    time: datetime = field("time", of=timestamp)
    name: str = field("alarmData", "alarmName")
    state: str = field("alarmData", "state", "value")
    reason: str = field("alarmData", "state", "reason", default="")
    # JSON text: what the alarm saw. CloudWatch leaves it out where nothing was measured.
    reason_data: str | None = field("alarmData", "state", "reasonData", default=None)
    changed: datetime = field("alarmData", "state", "timestamp", of=timestamp)
    previous_state: str | None = field("alarmData", "previousState", "value", default=None)
    # Of a composite alarm whose actions something holds back: "WaitPeriod", "ExtensionPeriod" or "Alarm".
    suppressed_by: str | None = field("alarmData", "state", "actionsSuppressedBy", default=None)
    configuration: dict[str, Any] = field("alarmData", "configuration", of=dict, default=dict)

    @property
    def id(self) -> str:
        """The alarm, and when it changed."""
        arn, time = self.peek("alarmArn"), self.peek("time")
        return f"{arn} {time}" if arn and time else self.locate()


class AlarmSource(SingleSource):
    """Changes of state: all matching handlers, null or an error."""

    names: tuple[str, ...] = ("alarm",)
    decorator = "@app.alarm(name)"
    record: type[View] = AlarmEvent

    def enclosed(self, content: Any) -> Any:
        """What an alarm's SNS action sends: the same change of state, under other keys."""
        if not isinstance(content, dict) or content.get("AlarmArn") is None or "NewStateValue" not in content:
            return None
        arn, time = content["AlarmArn"], content.get("StateChangeTime")
        state = {"value": content["NewStateValue"], "reason": content.get("NewStateReason"), "timestamp": time}
        configuration = {"description": content.get("AlarmDescription"), "trigger": content.get("Trigger")}
        return {
            "source": "aws.cloudwatch",
            "alarmArn": arn,
            "accountId": content.get("AWSAccountId"),
            "time": time,
            # The message has the region's name for people.
            "region": str(arn).split(":")[3] if str(arn).count(":") > 3 else None,  # noqa: PLR2004 - arn:aws:cloudwatch:region
            "alarmData": {
                "alarmName": content.get("AlarmName"),
                "state": state,
                "previousState": {"value": content.get("OldStateValue")},
                "configuration": {key: value for key, value in configuration.items() if value is not None},
            },
        }

    def origin(self, record: AlarmEvent) -> str:
        """The alarm, by name."""
        return f"the CloudWatch alarm {record.name!r}"


class AlarmTrigger(FilterTrigger):
    """`@app.alarm("checkout-*", state="ALARM")`: run when this alarm changes its state.

    `name`: the alarm's name or a glob, or a list of them; without, every alarm. `state`: the state, or list of states,
    wanted. `via`: the topic through which it comes, from an alarm's SNS action ("sns:alarms"). `shared`: the options of
    every trigger.
    """

    __slots__ = ("via",)

    source: type[Source] = AlarmSource

    def __init__(
        self,
        name: str | Sequence[str] | None = None,
        *,
        state: State | Sequence[State] | None = None,
        via: Via = None,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__({"name": name}, {"state": state}, **shared)
        self.via: tuple[Any, ...] = hops_of(via)
        check_choices("state", state, _STATES)
