"""EventBridge: a handler for the events of a bus.

::

    @app.eventbridge("shop.orders", "OrderPlaced", pattern={"detail": {"total": [{"numeric": [">", 100]}]}})
    def big(order: Order, event: EventBridgeEvent) -> None: ...

`source` and `detail_type` are names or globs, or lists of them, and say whose events the handler takes. `pattern` is an
event pattern in EventBridge's own language; of the events so named, it declines the others. One parameter takes the
event's detail: `dict`, a model, or another type that JSON validates into. `EventBridgeEvent` is passed by its type.

An app without cron jobs gets scheduled ticks here too, and one without a handler for S3 gets S3's events on the bus.

Delivery: asynchronous, at least once, in no order. All matching handlers run, side by side, and are joined; if any
raises, the invocation fails, and Lambda runs all of them again (twice by default, then the function's dead-letter queue
or destination). An event that no route names fails the invocation.
https://docs.aws.amazon.com/eventbridge/latest/userguide/eb-create-pattern-operators.html
"""

from __future__ import annotations

from lambdarouter.sources.eventbridge.pattern import EventPattern
from lambdarouter.sources.eventbridge.source import EventBridgeEvent, EventBridgeSource, EventBridgeTrigger

__all__ = ["EventBridgeEvent", "EventBridgeSource", "EventBridgeTrigger", "EventPattern"]
