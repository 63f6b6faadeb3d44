"""The alarm room."""

from __future__ import annotations

from datetime import UTC, datetime
from json import loads

import pytest

from lambdarouter import AlarmEvent, App, ConfigurationError, NoRouteError
from lambdarouter.testing import TestClient
from lambdarouter.testing.events import alarm


def test_a_change_is_read_by_attribute() -> None:
    app = App()

    @app.alarm()
    def changed(event: AlarmEvent) -> None:
        assert (event.name, event.state, event.previous_state) == ("errors", "ALARM", "OK")
        assert event.time == event.changed == datetime(2026, 1, 1, 9, tzinfo=UTC)
        assert (event.account_id, event.region, event.reason) == ("123456789012", "eu-west-1", "Threshold Crossed")
        assert event.reason_data is not None
        assert loads(event.reason_data)["statistic"] == "Sum"
        assert event.suppressed_by is None
        assert event.configuration["metrics"][0]["id"] == "m1"
        assert event.id == f"{event.alarm_arn} 2026-01-01T09:00:00.000+0000"

    TestClient(app).invoke(alarm("errors")).unwrap()


def test_the_name_claims_and_the_state_declines() -> None:
    app = App()
    app.alarm("err*", state=["OK", "ALARM"])(lambda: "any")
    app.alarm("errors", state="OK")(lambda: "ok")
    app.alarm("latency")(lambda: "latency")
    client = TestClient(app)

    assert [outcome.status for outcome in client.invoke(alarm("errors")).outcomes] == ["ok", "declined"]
    with pytest.raises(NoRouteError, match=r"the CloudWatch alarm 'disk': .*name=err\* state=OK\|ALARM"):
        client.invoke(alarm("disk")).unwrap()


def test_a_state_that_no_alarm_has_is_refused() -> None:
    with pytest.raises(ConfigurationError, match="it is one of OK, ALARM, INSUFFICIENT_DATA"):
        App().alarm("errors", state="alarm")(lambda: None)  # type: ignore[arg-type]


def test_a_change_without_anything_has_an_id_all_the_same() -> None:
    assert AlarmEvent({}).id == "the event"
