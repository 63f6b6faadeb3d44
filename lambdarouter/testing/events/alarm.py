"""Changes of a CloudWatch alarm's state, as its Lambda action sends them.

Shape after "Using CloudWatch alarms as Lambda actions" in the CloudWatch user guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import ACCOUNT, MOMENT, REGION, arn, json_text, moment

TYPE_CHECKING = False
if TYPE_CHECKING:
    from datetime import datetime
    from typing import Any

__all__ = ["alarm"]


def alarm(
    name: str,
    state: str = "ALARM",
    *,
    previous: str = "OK",
    reason: str = "Threshold Crossed",
    time: datetime | str = MOMENT,
) -> dict[str, Any]:
    """Build the change of a metric alarm to `state` from `previous` ("alarm")."""
    at = moment(time).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
    data = json_text({"version": "1.0", "queryDate": at, "statistic": "Sum", "period": 60, "threshold": 0.0})
    return {
        "source": "aws.cloudwatch",
        "alarmArn": arn("cloudwatch", f"alarm:{name}"),
        "accountId": ACCOUNT,
        "time": at,
        "region": REGION,
        "alarmData": {
            "alarmName": name,
            "state": {"value": state, "reason": reason, "reasonData": data, "timestamp": at},
            "previousState": {
                "value": previous,
                "reason": "Unchecked: Initial alarm creation",
                "reasonData": data,
                "timestamp": at,
            },
            "configuration": {
                "description": "",
                "metrics": [
                    {
                        "id": "m1",
                        "metricStat": {
                            "metric": {"namespace": "AWS/Lambda", "name": "Errors", "dimensions": {}},
                            "period": 60,
                            "stat": "Sum",
                        },
                        "returnData": True,
                    }
                ],
            },
        },
    }
