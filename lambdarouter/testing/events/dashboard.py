"""Custom widgets of CloudWatch dashboards.

Shape after "Custom widgets" in the CloudWatch user guide.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import ACCOUNT, MOMENT, REGION, epoch_millis, json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["dashboard"]


def dashboard(
    name: str, parameters: Mapping[str, Any] | None = None, *, title: str = "", forms: Mapping[str, Any] | None = None
) -> dict[str, Any]:
    """Build the call of a widget of the dashboard `name`, with its parameters ("dashboard")."""
    end = epoch_millis(MOMENT)
    return {
        **json_value(parameters or {}),
        "widgetContext": {
            "dashboardName": name,
            "widgetId": "widget-1",
            "domain": f"https://{REGION}.console.aws.amazon.com",
            "accountId": ACCOUNT,
            "locale": "en",
            "timezone": {"label": "UTC", "offsetISO": "+00:00", "offsetInMinutes": 0},
            "period": 300,
            "isAutoPeriod": True,
            "timeRange": {"mode": "relative", "start": end - 3_600_000, "end": end, "relativeStart": 3_600_000},
            "theme": "light",
            "linkCharts": True,
            "title": title,
            "forms": {"all": json_value(forms or {})},
            "params": json_value(parameters or {}),
            "width": 588,
            "height": 369,
        },
    }
