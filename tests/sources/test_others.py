"""The small rooms: codecommit, iot, sagemaker, workmail, dashboard."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from lambdarouter import (
    App,
    CodeCommitRecord,
    ConfigurationError,
    ConsolidationEvent,
    DashboardEvent,
    InvalidEventError,
    IotButtonEvent,
    IotOneClickEvent,
    IotRegistryEvent,
    NoRouteError,
    PrehumanEvent,
    WorkMailEvent,
)
from lambdarouter.sources.iot import IotEvent
from lambdarouter.testing import TestClient
from lambdarouter.testing.events import codecommit, dashboard, iot, sagemaker, workmail


def reply(app: App, event: Any) -> Any:
    return TestClient(app).invoke(event).unwrap()


def test_a_push_is_known_by_repository_branch_and_tag() -> None:
    app = App()

    @app.codecommit("sh*", branch="release/*")
    def pushed(push: CodeCommitRecord) -> None:
        assert (push.repository, push.branches, push.tags) == ("shop", ["release/1"], ["v1"])
        assert push.time == datetime(2026, 1, 1, 9, tzinfo=UTC)
        assert push.id == f"{push.event_id}#0"

    app.codecommit("shop", tag="v2")(lambda: None)
    client = TestClient(app)

    completion = client.invoke(codecommit("shop", "refs/heads/release/1", "refs/tags/v1"))
    assert [outcome.status for outcome in completion.outcomes] == ["ok", "declined"]
    with pytest.raises(NoRouteError, match="the CodeCommit repository 'others'"):
        client.invoke(codecommit("others")).unwrap()
    with pytest.raises(InvalidEventError):
        _ = CodeCommitRecord({"codecommit": {"references": 5}}).references
    assert CodeCommitRecord({}, "Records", 0).id == "Records[0]"


def test_an_iot_event_is_known_by_kind() -> None:
    app = App()

    @app.iot("button", click="LONG")
    def long(button: IotButtonEvent) -> str:
        return f"{button.serial_number} {button.battery_voltage}"

    @app.iot("one_click")
    def clicked(device: IotOneClickEvent) -> Any:
        return [device.click, device.device_id, device.placement, device.remaining_life]

    @app.iot("registry", operation=["CREATED", "DELETED"])
    def changed(thing: IotRegistryEvent) -> Any:
        return [thing.thing_name, thing.operation, thing.version]

    assert reply(app, iot.button("LONG")) == "G030PM0123456789 2000mV"
    assert reply(app, iot.button("SINGLE")) is None
    assert reply(app, iot.one_click("DOUBLE")) == ["DOUBLE", "G030PM0123456789", "kitchen", 99.5]
    assert reply(app, iot.registry("lamp", "DELETED")) == ["lamp", "DELETED", 1]
    with pytest.raises(ConfigurationError, match="it is one of button, one_click, registry"):
        App().iot("switch")(lambda: None)  # type: ignore[arg-type]
    only = App()
    only.iot("registry")(lambda: None)
    with pytest.raises(NoRouteError, match=r"the iot\.button event of 'G030PM0123456789': .*iot\.registry"):
        reply(only, iot.button())


def test_a_handler_of_every_kind_takes_what_they_share() -> None:
    app = App()

    @app.iot()
    def seen(event: IotEvent) -> str:
        return f"{event.classified} {event.click}{event.operation}"

    assert reply(app, iot.button()) == "iot.button SINGLE"
    assert reply(app, iot.registry("lamp")) == "iot.registry CREATED"
    with pytest.raises(ConfigurationError, match=r"is a IotButtonEvent, but .*\(iot\.one_click, iot\.registry\)"):

        @App().iot()
        def pressed(button: IotButtonEvent) -> None: ...


def test_an_event_with_unmatched_fail_raises_where_its_filter_declines() -> None:
    app = App()
    app.iot("button", click="LONG", unmatched="fail")(lambda: None)

    with pytest.raises(NoRouteError, match="click is 'SINGLE', not LONG"):
        reply(app, iot.button("SINGLE"))


def test_a_labeling_job_has_two_functions() -> None:
    app = App()

    @app.sagemaker("prehuman")
    def prepare(task: PrehumanEvent) -> Any:
        return {"taskInput": [task.job, task.data_object]}

    @app.sagemaker("consolidation", job="rev*")
    def consolidate(event: ConsolidationEvent) -> Any:
        return [event.job, event.s3_uri, event.label_attribute]

    assert reply(app, sagemaker.prehuman("reviews", {"source": "x"})) == {"taskInput": ["reviews", {"source": "x"}]}
    assert reply(app, sagemaker.consolidation("reviews", "s3://a")) == ["reviews", "s3://a", "reviews"]
    with pytest.raises(NoRouteError, match=r"the sagemaker\.consolidation event of the labeling job 'photos'"):
        reply(app, sagemaker.consolidation("photos", "s3://a"))
    with pytest.raises(ConfigurationError, match="it is one of prehuman, consolidation"):
        App().sagemaker("before")(lambda: None)  # type: ignore[arg-type]


def test_mail_is_known_by_direction_sender_and_recipient() -> None:
    app = App()

    @app.workmail(direction="INBOUND", sender="ada@*", recipient="*@example.com")
    def inbound(mail: WorkMailEvent) -> Any:
        return [mail.sender, mail.envelope_sender, mail.recipients, mail.subject, mail.truncated]

    event = workmail("a@example.org", "b@example.com", subject="Hi")
    assert reply(app, event) == ["ada@example.com"] * 2 + [["a@example.org", "b@example.com"], "Hi", False]
    assert WorkMailEvent(event).id == event["messageId"]
    with pytest.raises(NoRouteError, match=r"mail for c@example\.org"):
        reply(app, workmail("c@example.org"))
    with pytest.raises(NoRouteError, match="mail for nobody"):
        reply(app, workmail())


def test_a_widget_shows_what_its_handler_returns() -> None:
    app = App()

    @app.dashboard("sh*", title="Orders")
    def orders(widget: DashboardEvent, page_size: int = 10) -> Any:
        return [page_size, widget.forms, widget.parameters, widget.end - widget.start, widget.period]

    event = dashboard("shop", {"pageSize": "5"}, title="Orders", forms={"a": "b"})
    assert reply(app, event) == [5, {"a": "b"}, {"pageSize": "5"}, 3_600_000, 300]
    with pytest.raises(NoRouteError, match="the widget 'Stock' of the dashboard 'shop'"):
        reply(app, dashboard("shop", title="Stock"))
    with pytest.raises(ConfigurationError, match="a parameter of the widget"):

        @App().dashboard()
        def other(event: WorkMailEvent) -> None: ...


def test_two_handlers_of_the_same_events_are_refused() -> None:
    app = App()
    app.dashboard()(lambda: None)
    with pytest.raises(ConfigurationError, match="already answers every event of this source"):
        app.dashboard()(lambda: None)
