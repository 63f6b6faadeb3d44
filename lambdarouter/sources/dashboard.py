"""CloudWatch dashboards: a handler for a custom widget.

::

    @app.dashboard(title="Orders")
    def orders(widget: DashboardEvent, region: str = "all") -> str:
        return f"<b>{region}</b>"

`dashboard` and `title` are the dashboard's and the widget's names or globs, or lists of them. Parameters are those of
the widget, by name; `DashboardEvent` is passed by its type. The widget shows the value: a string as HTML, anything else
as JSON.

Delivery: synchronous, when the dashboard is shown, refreshed, or a form in the widget is used. A handler that raises,
and a widget of no route, show an error in the widget.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/monitoring/add_custom_widget_dashboard.html
"""

from __future__ import annotations

from lambdarouter.core.argument import ArgumentSource
from lambdarouter.core.check import check_characters
from lambdarouter.core.single import FilterTrigger, SingleRecord
from lambdarouter.core.view import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Unpack

    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["DashboardEvent", "DashboardSource", "DashboardTrigger"]


class DashboardEvent(SingleRecord):
    """A custom widget that is to be shown."""

    dashboard: str = field("widgetContext", "dashboardName", default="")
    widget_id: str = field("widgetContext", "widgetId", default="")
    title: str = field("widgetContext", "title", default="")
    account_id: str = field("widgetContext", "accountId", default="")
    locale: str = field("widgetContext", "locale", default="")
    theme: str = field("widgetContext", "theme", default="")
    # Seconds.
    period: int = field("widgetContext", "period", of=int, default=0)
    # Milliseconds since 1970.
    start: int = field("widgetContext", "timeRange", "start", of=int, default=0)
    end: int = field("widgetContext", "timeRange", "end", of=int, default=0)
    width: int = field("widgetContext", "width", of=int, default=0)
    height: int = field("widgetContext", "height", of=int, default=0)
    # The fields of the widget's forms, as the viewer filled them in.
    forms: dict[str, Any] = field("widgetContext", "forms", "all", of=dict, default=dict)

    @property
    def parameters(self) -> dict[str, Any]:
        """The widget's parameters: what the event has beside its context."""
        return {name: value for name, value in self.raw.items() if name != "widgetContext"}


class DashboardSource(ArgumentSource):
    """Custom widgets: one handler, its value."""

    names: tuple[str, ...] = ("dashboard",)
    decorator = "@app.dashboard(dashboard)"
    record: type[View] = DashboardEvent
    arguments = "parameters"
    argument = "a parameter of the widget"
    as_text = False

    def origin(self, record: DashboardEvent) -> str:
        """The widget."""
        return f"the widget {record.title!r} of the dashboard {record.dashboard!r}"


class DashboardTrigger(FilterTrigger):
    """`@app.dashboard("shop", title="Orders")`: show this custom widget.

    `dashboard`: the dashboard's name or a glob; `title`: the widget's title or a glob; or lists of them; without, any.
    `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = DashboardSource

    def __init__(
        self,
        dashboard: str | Sequence[str] | None = None,
        *,
        title: str | Sequence[str] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__({"dashboard": dashboard, "title": title}, **shared)
        check_characters("dashboard", dashboard, "_-")
