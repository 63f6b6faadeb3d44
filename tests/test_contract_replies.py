"""What every room answers, on one table: its reply where all is well, and in every failure.

A new room is covered when it is in the directory (`lambdarouter.sources.ROOMS`): these tests fail until it has a row in
`KITS`, which makes each mode happen, and one in `REPLIES`, which says what Lambda is then to be told.
"""

from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace
from typing import TYPE_CHECKING, Annotated, Any

import pytest
from pydantic import BaseModel

from lambdarouter import (
    Allow,
    App,
    BatchError,
    DeadlineExceeded,
    Header,
    InvalidPayloadError,
    NoRouteError,
    Unauthorized,
)
from lambdarouter.sources import ROOMS
from lambdarouter.testing.events import authorizer, cron, http, ses, sns

if TYPE_CHECKING:
    from collections.abc import Callable


class Order(BaseModel):
    id: int


class Boom(Exception):  # noqa: N818
    """What handlers raise here."""


def kit_of_http(name: str) -> dict[str, Any]:
    builders: dict[str, Any] = {"rest": http.rest, "v2": http.v2, "url": http.url, "alb": http.alb}
    build = builders[name.removeprefix("http.")]

    def typed(app: App) -> None:
        @app.post("/x")
        def create(order: Order) -> None: ...

    return {
        "one": lambda app, fn: app.post("/x")(fn),
        "event": lambda: build("POST", "/x", json={"id": 1}),
        "typed": typed,
        "invalid": lambda: build("POST", "/x", json={"id": "x"}),
        "nobody": lambda: build("POST", "/y"),
    }


def kit_of_authorizer(name: str) -> dict[str, Any]:
    credential = {"Authorization": "Bearer ok"}
    events: dict[str, tuple[Callable[[], Any], Callable[[], Any]]] = {
        "authorizer.token": (
            lambda: authorizer.token("GET", "/x", "Bearer ok"),
            lambda: authorizer.token("GET", "/x", "") | {"authorizationToken": None},
        ),
        "authorizer.request_v1": (
            lambda: authorizer.request_v1("GET", "/x", headers=credential),
            lambda: authorizer.request_v1("GET", "/x"),
        ),
        "authorizer.request_v2": (
            lambda: authorizer.request_v2("GET", "/x", headers=credential),
            lambda: authorizer.request_v2("GET", "/x"),
        ),
        "authorizer.websocket": (lambda: authorizer.websocket(headers=credential), authorizer.websocket),
    }

    def typed(app: App) -> None:
        @app.authorizer()
        def guard(token: Annotated[str, Header("authorization")]) -> Allow:
            return Allow(token)

    return {
        "one": lambda app, fn: app.authorizer()(fn),
        "value": Allow("ada"),
        "event": events[name][0],
        "typed": typed,
        "invalid": events[name][1],
        "nobody": events[name][0],
        "nobody has": lambda app: app.get("/x")(lambda: None),
    }


def kit_of_cron(name: str) -> dict[str, Any]:
    build = cron.rule if name == "cron.rule" else cron.scheduler
    return {
        "one": lambda app, fn: app.cron(every="1h")(fn),
        "several": lambda app, fn: app.cron(every="1h")(fn),
        "event": lambda: build("2026-01-01T03:00Z"),
        "declining": lambda app, fn: app.cron("30 6 * * *")(fn),
        "nobody": lambda: build("2026-01-01T03:00Z"),
    }


def kit_of_sns(name: str) -> dict[str, Any]:
    def typed(app: App) -> None:
        @app.sns("orders")
        def announce(order: Order) -> None: ...

    return {
        "one": lambda app, fn: app.sns("orders")(fn),
        "several": lambda app, fn: app.sns("orders")(fn),
        "event": lambda: sns("orders", {"id": 1}),
        "typed": typed,
        "invalid": lambda: sns("orders", {"id": "x"}),
        "declining": lambda app, fn: app.sns("orders", attributes={"kind": "created"})(fn),
        "nobody": lambda: sns("newsletters", "x"),
    }


def kit_of_ses(name: str) -> dict[str, Any]:
    mail: Any = lambda subject="17": ses(recipients="shop@example.com", sender="ada@example.com", subject=subject)  # noqa: E731

    def typed(app: App) -> None:
        @app.ses()
        def inbox(priority: Annotated[int, Header("Subject")]) -> None: ...

    return {
        "one": lambda app, fn: app.ses(recipient="shop@example.com")(fn),
        "several": lambda app, fn: app.ses(recipient="*@example.com")(fn),
        "event": mail,
        "typed": typed,
        "invalid": lambda: mail(subject="not a number"),
        "declining": lambda app, fn: app.ses(recipient="shop@example.com", sender="eve@example.com")(fn),
        "nobody": lambda: ses(recipients="else@example.org", sender="ada@example.com", subject="17"),
    }


KITS = {"http": kit_of_http, "authorizer": kit_of_authorizer, "cron": kit_of_cron, "sns": kit_of_sns, "ses": kit_of_ses}
ABSENT: Any = ...  # the room has no such case

# From sources.md: what Lambda is to be told. An exception class is raised; an int is the reply's status code.
REPLIES: dict[str, dict[str, Any]] = {
    "http": {
        "all well": 204,
        "one of three fails": ABSENT,
        "all fail": 500,
        "invalid payload": 422,
        "nobody": 404,
        "declined": ABSENT,
        "deadline": 504,
    },
    "authorizer": {
        "all well": {"principalId": "ada"},
        "one of three fails": ABSENT,
        "all fail": Boom,
        "invalid payload": Unauthorized,
        "nobody": NoRouteError,
        "declined": ABSENT,
        "deadline": DeadlineExceeded,
    },
    "cron": {
        "all well": None,
        "one of three fails": Boom,
        "all fail": BatchError,
        "invalid payload": ABSENT,
        "nobody": None,
        "declined": None,
        "deadline": DeadlineExceeded,
    },
    "sns": {
        "all well": None,
        "one of three fails": Boom,
        "all fail": BatchError,
        "invalid payload": InvalidPayloadError,
        "nobody": NoRouteError,
        "declined": None,
        "deadline": DeadlineExceeded,
    },
    "ses": {
        "all well": {"disposition": "CONTINUE"},
        "one of three fails": Boom,
        "all fail": BatchError,
        "invalid payload": InvalidPayloadError,
        "nobody": {"disposition": "CONTINUE"},
        "declined": {"disposition": "CONTINUE"},
        "deadline": DeadlineExceeded,
    },
}
MODES = ["all well", "one of three fails", "all fail", "invalid payload", "nobody", "declined", "deadline"]
CASES = [
    (name, mode)
    for room, (_, names) in ROOMS.items()
    for name in names
    for mode in MODES
    if REPLIES[room][mode] is not ABSENT
]


def handler(kit: dict[str, Any], *, colour: str = "sync", fails: bool = False) -> Callable[..., Any]:
    value = kit.get("value")

    def sync() -> Any:
        if fails:
            raise Boom
        return value

    async def asynchronous() -> Any:
        await asyncio.sleep(0)
        return sync()

    return sync if colour == "sync" else asynchronous


def arranged(kit: dict[str, Any], mode: str, colour: str) -> tuple[App, Any, Any]:
    """An app, the event and the context in which the mode happens."""
    app, event, context = App(), kit["event"](), None
    several = kit.get("several", kit["one"])
    if mode == "all well":
        kit["one"](app, handler(kit, colour=colour))
    elif mode == "one of three fails":
        for number in range(3):
            several(app, handler(kit, colour=colour, fails=number == 1))
    elif mode == "all fail":
        for _ in range(3 if "several" in kit else 1):
            several(app, handler(kit, colour=colour, fails=True))
    elif mode == "invalid payload":
        kit["typed"](app)
        event = kit["invalid"]()
    elif mode == "nobody":
        kit.get("nobody has", lambda app: None)(app)
        event = kit["nobody"]()
    elif mode == "declined":
        kit["declining"](app, handler(kit, fails=True))
    else:

        async def hangs() -> None:
            await asyncio.Event().wait()

        kit["one"](app, hangs)
        context = SimpleNamespace(get_remaining_time_in_millis=lambda: 150)
    return app, event, context


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize(("name", "mode"), CASES, ids=lambda case: case)
def test_the_reply_is_the_one_that_the_source_wants(
    name: str, mode: str, colour: str, capfd: pytest.CaptureFixture[str]
) -> None:
    room = name.partition(".")[0]
    app, event, context = arranged(KITS[room](name), mode, colour)
    expected = REPLIES[room][mode]
    completion = app.complete(event, context)
    assert completion.name == name
    assert completion.outcomes
    if isinstance(expected, type):
        assert type(completion.error) is expected
        assert completion.reply is None
        with pytest.raises(Exception) as caught:  # noqa: PT011 - whichever the table says
            app(event, context)
        assert type(caught.value) is expected
        return
    assert completion.error is None
    assert json.loads(json.dumps(completion.reply)) == completion.reply
    if isinstance(expected, int):
        assert completion.reply["statusCode"] == expected
        # What Lambda is not told, the log is.
        assert ("call failed" in capfd.readouterr().err) is (expected >= 500)
    elif isinstance(expected, dict):
        assert expected.items() <= completion.reply.items()
    else:
        assert completion.reply == expected
    statuses = {outcome.status for outcome in completion.outcomes}
    assert statuses == {"ok"} if mode == "all well" else "ok" not in statuses


def test_every_room_is_on_the_table() -> None:
    assert set(KITS) == set(REPLIES) == set(ROOMS)
    assert all(list(REPLIES[room]) == MODES for room in ROOMS)
