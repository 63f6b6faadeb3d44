"""Ticks: the events of a scheduled EventBridge rule and of an EventBridge Scheduler schedule.

Shapes after "Creating an Amazon EventBridge rule that runs on a schedule" in the EventBridge user guide and
"Using Lambda with Amazon EventBridge Scheduler" in the Lambda developer guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import ACCOUNT, REGION, arn, identifier, iso, moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

__all__ = ["rule", "scheduler"]


def rule(time: datetime | str, *, rule: str = "hourly") -> dict[str, Any]:
    """Build a tick of the scheduled EventBridge rule `rule`, a name or an ARN ("cron.rule").

    `time` is a datetime or ISO 8601 text; the event has it in UTC, to the second.
    """
    resource = rule if rule.startswith("arn:") else arn("events", f"rule/{rule}")
    return _tick("aws.events", time, resource, detail={})


def scheduler(time: datetime | str, *, schedule: str = "hourly") -> dict[str, Any]:
    """Build a tick of an EventBridge Scheduler schedule that has no input of its own ("cron.scheduler").

    `schedule` is a name (of the group "default"), ``group/name``, or an ARN. `detail` is the text ``{}``, not
    an object: so Scheduler sends it.
    """
    if not schedule.startswith("arn:"):
        named = schedule if "/" in schedule else f"default/{schedule}"
        schedule = arn("scheduler", f"schedule/{named}")
    return _tick("aws.scheduler", time, schedule, detail="{}")


def _tick(source: str, time: datetime | str, resource: str, *, detail: Any) -> dict[str, Any]:
    at = iso(moment(time))
    return {
        "version": "0",
        "id": identifier(source, resource, at),
        "detail-type": "Scheduled Event",
        "source": source,
        "account": ACCOUNT,
        "time": at,
        "region": REGION,
        "resources": [resource],
        "detail": detail,
    }
