"""The eventbridge room: who gets an event, and what of it."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from pydantic import BaseModel, ConfigDict

from lambdarouter import App, ConfigurationError, EventBridgeEvent, NoRouteError, SnsRecord, Tick
from lambdarouter.sources.eventbridge import EventBridgeTrigger
from lambdarouter.testing import TestClient
from lambdarouter.testing.events import cron, eventbridge

PLACED = eventbridge("shop.orders", "OrderPlaced", {"id": 17, "day": "2026-01-01"}, resources=["arn:x"])


class Order(BaseModel):
    model_config = ConfigDict(strict=True)

    id: int
    day: date


def seen_by(app: App, event: Any) -> list[str]:
    return [outcome.status for outcome in TestClient(app).invoke(event).outcomes]


def test_the_detail_is_validated_as_json_even_by_a_strict_model() -> None:
    app = App()

    @app.eventbridge("shop.orders")
    def placed(order: Order) -> None:
        assert order.day == date(2026, 1, 1)

    assert seen_by(app, PLACED) == ["ok"]


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (dict, {"id": 17, "day": "2026-01-01"}),
        (Any, {"id": 17, "day": "2026-01-01"}),
        (dict[str, Any], {"id": 17, "day": "2026-01-01"}),
        (str, '{"id":17,"day":"2026-01-01"}'),
        (bytes, b'{"id":17,"day":"2026-01-01"}'),
    ],
)
def test_the_detail_comes_as_it_is_annotated(annotation: Any, expected: Any) -> None:
    app, got = App(), []

    def placed(detail: Any) -> None:
        got.append(detail)

    placed.__annotations__["detail"] = annotation
    app.eventbridge()(placed)

    assert seen_by(app, PLACED) == ["ok"]
    assert got == [expected]


def test_the_event_is_read_by_attribute() -> None:
    app = App()

    @app.eventbridge()
    def placed(event: EventBridgeEvent) -> None:
        assert (event.source, event.detail_type, event.detail["id"]) == ("shop.orders", "OrderPlaced", 17)
        assert event.time == datetime(2026, 1, 1, 9, tzinfo=UTC)
        assert (event.account, event.region, event.version) == ("123456789012", "eu-west-1", "0")
        assert (event.resources, event.replay_name) == (["arn:x"], None)
        assert event.id == event.event_id == PLACED["id"]

    assert seen_by(app, PLACED) == ["ok"]


def test_resources_that_are_no_list_are_refused_when_they_are_read() -> None:
    app = App()
    app.eventbridge()(lambda event: event.resources)

    error = TestClient(app).invoke(PLACED | {"resources": "arn:x"}).error

    assert "resources is a string ('arn:x'), expected a list of strings" in str(error)


def test_source_and_detail_type_name_the_event_and_the_pattern_declines() -> None:
    app = App()
    app.eventbridge("shop.*", ["OrderPlaced", "OrderPaid"])(lambda: None)
    app.eventbridge("shop.refunds")(lambda: None)
    app.eventbridge("shop.orders", "OrderPaid")(lambda: None)
    app.eventbridge("shop.orders", pattern={"detail": {"id": [18]}})(lambda: None)
    app.eventbridge(pattern={"source": ["shop.refunds"], "detail": {"id": [17]}})(lambda: None)
    app.eventbridge(pattern={"source": ["shop.orders"], "detail": {"id": [17]}})(lambda: None)

    assert seen_by(app, PLACED) == ["ok", "declined", "ok"]


def test_a_pattern_that_names_another_source_leaves_the_event_to_nobody() -> None:
    app = App()
    app.eventbridge(pattern={"source": ["shop.refunds"]})(lambda: None)

    error = TestClient(app).invoke(PLACED).error

    assert isinstance(error, NoRouteError)
    assert "'OrderPlaced' of 'shop.orders'" in str(error)
    assert '{"source":["shop.refunds"]}' in str(error)
    assert [EventBridgeTrigger().describe(), EventBridgeTrigger("shop").describe()] == ["all events", "source=shop"]


def test_a_wrong_pattern_is_refused_where_the_handler_is() -> None:
    with pytest.raises(ConfigurationError, match=r"test_source.*has to be in a list"):
        App().eventbridge(pattern={"source": "shop.orders"})(lambda: None)


def test_a_parameter_that_holds_no_payload_is_refused() -> None:
    class Client:
        pass

    def placed(client: Client) -> None: ...

    placed.__annotations__["client"] = Client
    with pytest.raises(ConfigurationError, match=r"EventBridgeEvent, Context, Annotated.*the detail"):
        App().eventbridge()(placed)
    with pytest.raises(ConfigurationError, match="EventBridgeEvent"):

        @App().eventbridge()
        def other(record: SnsRecord) -> None: ...


def test_a_default_stands_for_a_detail_that_is_null() -> None:
    app, got = App(), []

    @app.eventbridge()
    def placed(detail: list[int] | None = None) -> None:
        got.append(detail)

    assert seen_by(app, PLACED | {"detail": [1]}) == ["ok"]
    assert seen_by(app, PLACED | {"detail": {"a": 1}}) == ["failed"]
    assert got == [[1]]


def test_ticks_come_here_where_the_app_has_no_jobs() -> None:
    app, got = App(), []

    @app.eventbridge("aws.*")
    def seen(detail: dict[str, Any], event: EventBridgeEvent) -> None:
        got.append((event.detail_type, detail))

    assert seen_by(app, cron.rule("2026-01-01T03:00Z")) == ["ok"]
    assert seen_by(app, cron.scheduler("2026-01-01T03:00Z")) == ["ok"]
    assert got == [("Scheduled Event", {}), ("Scheduled Event", {})]


@pytest.mark.parametrize("job_first", [True, False])
def test_ticks_stay_with_the_jobs_of_an_app_that_has_some(*, job_first: bool) -> None:
    app, ran = App(), []

    def job(tick: Tick) -> None:
        ran.append("job")

    def seen(event: EventBridgeEvent) -> None:
        ran.append("bus")

    if job_first:
        app.cron(every="1h")(job)
    app.eventbridge()(seen)
    if not job_first:
        app.cron(every="1h")(job)

    for hour in range(3, 6):
        assert seen_by(app, cron.rule(f"2026-01-01T{hour:02}:00Z")) == ["ok"]
    assert ran == ["job"] * 3
