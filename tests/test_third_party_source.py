"""A source that no part of the package knows: a message broker's events, in less than 60 lines, as a user writes it."""

from __future__ import annotations

import inspect
import time
from collections.abc import Sequence
from pathlib import Path
from threading import Barrier
from typing import Annotated, Any

import anyio
import anyio.lowlevel
import pytest
from pydantic import BaseModel

from lambdarouter import (
    App,
    Completion,
    ConfigurationError,
    Context,
    DeadlineExceeded,
    Declined,
    Delivery,
    Depends,
    Event,
    InvalidEventError,
    InvalidPayloadError,
    NoRouteError,
    NotAttempted,
    Outcome,
    Record,
    Router,
    Source,
    Trigger,
    UnknownEventError,
    field,
)
from lambdarouter.testing.events import EXAMPLES
from tests.pace import in_real_time, seconds


# <the source>
class ParcelRecord(Record):
    number: str = field("number")
    depot: str = field("from", "depot")
    weight: float = field("weight", default=0.0, of=float)
    text: str = field("text")

    @property
    def id(self) -> str:
        return str(self.raw.get("number") or self.locate())


class ParcelEvent(Event):
    carrier: str = field("carrier", default="")


class ParcelSource(Source):
    names = ("parcel",)
    decorator = "@app.on(ParcelTrigger(depot))"
    event, record, payload = ParcelEvent, ParcelRecord, "text"
    sent: list[Any] = []  # noqa: RUF012 - what a network would take

    def recognises(self, event: Any) -> bool:
        return isinstance(event, dict) and "carrier" in event and isinstance(event.get("parcels"), list)

    def split(self, event: ParcelEvent) -> Sequence[ParcelRecord]:
        return [ParcelRecord(raw, "parcels", index) for index, raw in enumerate(event.raw["parcels"])]

    def ordering_key(self, record: ParcelRecord) -> str | None:
        return record.raw.get("lane")  # type: ignore[no-any-return]

    def respond(self, event: ParcelEvent, outcomes: Sequence[Outcome]) -> Delivery:
        failed = list(dict.fromkeys(outcome.record.id for outcome in outcomes if outcome.error is not None))
        return Delivery(lambda: self.sent.append((event.carrier, failed)), {"failed": failed})


class ParcelTrigger(Trigger):
    source = ParcelSource

    def __init__(self, depot: str, *, heaviest: float = 30, concurrency: int | None = None) -> None:
        super().__init__(concurrency=concurrency)
        if heaviest <= 0:
            raise ConfigurationError(f"heaviest is {heaviest}: no parcel weighs that little")
        self.depot, self.heaviest = depot, heaviest

    def claims(self, record: ParcelRecord) -> bool:
        return record.depot == self.depot

    def declines(self, record: ParcelRecord) -> str | None:
        return f"{record.weight} kg" if record.weight > self.heaviest else None


# </the source>


class Label(BaseModel):
    town: str


def parcel(number: str, text: str = '{"town": "Bath"}', depot: str = "north", **more: Any) -> dict[str, Any]:
    return {"number": number, "from": {"depot": depot}, "text": text, **more}


def parcels(*items: Any) -> dict[str, Any]:
    return {"carrier": "swift", "parcels": list(items)}


def town_of(record: ParcelRecord) -> str:
    return record.text.partition(":")[2].strip(' "}')


@pytest.fixture(autouse=True)
def sent(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    found: list[Any] = []
    monkeypatch.setattr(ParcelSource, "sent", found)
    return found


def statuses(completion: Completion) -> dict[str, str]:
    return {outcome.record.id: outcome.status for outcome in completion.outcomes}


def test_a_source_is_written_in_less_than_60_lines() -> None:
    lines = inspect.getsource(inspect.getmodule(test_a_source_is_written_in_less_than_60_lines)).splitlines()  # type: ignore[arg-type]
    assert lines.index("# </the source>") - lines.index("# <the source>") < 60


def test_its_records_are_routed_filtered_bound_and_answered_as_any_other_sources(sent: list[Any]) -> None:
    app, handled = App(), list[Any]()

    def north(
        label: Label, record: ParcelRecord, event: ParcelEvent, context: Context, town: Annotated[str, Depends(town_of)]
    ) -> None:
        handled.append((label.town, record.number, event.carrier, context.raw, town))

    assert app.on(ParcelTrigger("north", heaviest=20))(north) is north

    completion = app.complete(
        parcels(
            parcel("1"),
            parcel("2", "{}"),
            parcel("3", depot="south"),
            parcel("4", weight=25),
            {"number": "5", "from": None, "text": ""},
            parcel("6", '{"town": "Ely"}'),
        )
    )

    assert completion.name == "parcel"
    assert sorted(handled) == [("Bath", "1", "swift", None, "Bath"), ("Ely", "6", "swift", None, "Ely")]
    assert statuses(completion) == {"1": "ok", "2": "failed", "3": "failed", "4": "declined", "5": "failed", "6": "ok"}
    errors = {outcome.record.id: outcome.error for outcome in completion.failed}
    assert isinstance(errors["2"], InvalidPayloadError)
    assert str(errors["2"]).startswith("text.town")
    assert isinstance(errors["3"], NoRouteError)
    assert "@app.on(ParcelTrigger(depot))" in str(errors["3"])
    assert isinstance(errors["5"], InvalidEventError)
    assert str(errors["5"]).startswith("parcels[4].from.depot is missing")
    declined = completion.outcomes[3]
    assert isinstance(declined, Declined)
    assert declined.value == "25 kg"
    assert completion.error is None
    assert completion.reply == {"failed": ["2", "3", "5"]}
    assert sent == [("swift", ["2", "3", "5"])]
    assert app(parcels(parcel("1"))) == {"failed": []}


@pytest.mark.parametrize("event", [None, 7, "parcels", [], {}, {"carrier": "swift"}, {"carrier": "x", "parcels": None}])
def test_what_it_does_not_recognise_stays_unknown(event: Any) -> None:
    app = App()
    app.on(ParcelTrigger("north"))(lambda: None)
    with pytest.raises(UnknownEventError):
        app(event)


class Greedy(ParcelSource):
    """It would take everything."""

    names = ("greedy",)

    def recognises(self, event: Any) -> bool:
        return True

    def split(self, event: ParcelEvent) -> Sequence[ParcelRecord]:
        return [ParcelRecord({"number": "1", "from": {"depot": "north"}})]


class GreedyTrigger(ParcelTrigger):
    source = Greedy


@pytest.mark.parametrize("name", sorted({*EXAMPLES} - {"invoke"}))
def test_it_is_asked_only_where_no_source_of_aws_takes_the_event(name: str) -> None:
    app, ran = App(), list[str]()
    app.on(GreedyTrigger("north"))(lambda: ran.append(name))
    assert app.complete(EXAMPLES[name]()).name == name
    assert ran == []
    # A durable function's invocation is nobody's.
    with pytest.raises(UnknownEventError):
        app({"DurableExecutionArn": "arn", "CheckpointToken": "t"})
    app.complete({"something": "else"})
    assert ran == [name]


@pytest.mark.parametrize("is_async", [True, False])
def test_its_calls_run_side_by_side_and_one_failure_stops_no_other(*, is_async: bool) -> None:
    app, passed, barrier, arrived = App(), list[str](), Barrier(10), list[str]()

    everybody = anyio.Event()

    async def meet(record: ParcelRecord) -> None:
        arrived.append(record.id)
        if len(arrived) == 10:
            everybody.set()
        with anyio.fail_after(30):
            await everybody.wait()
        finish(record)

    def wait(record: ParcelRecord) -> None:
        barrier.wait(30)
        finish(record)

    def finish(record: ParcelRecord) -> None:
        passed.append(record.id)
        if record.id == "3":
            raise LookupError

    app.on(ParcelTrigger("north", concurrency=10))(meet if is_async else wait)
    assert app(parcels(*(parcel(str(number)) for number in range(10)))) == {"failed": ["3"]}
    assert sorted(passed) == [str(number) for number in range(10)]


@pytest.mark.parametrize("concurrency", [None, 1])
def test_records_of_one_ordering_key_run_in_order_and_not_after_a_failure(concurrency: int | None) -> None:
    app, ran = App(), list[str]()

    @app.on(ParcelTrigger("north", concurrency=concurrency))
    def handle(record: ParcelRecord) -> None:
        ran.append(record.id)
        if record.id == "a2":
            raise LookupError

    numbers = ["a1", "b1", "a2", "b2", "a3", "c", "a4", "b3"]
    lanes = [{} if number == "c" else {"lane": number[0]} for number in numbers]
    completion = app.complete(parcels(*(parcel(n, **lane) for n, lane in zip(numbers, lanes, strict=True))))
    assert [each for each in ran if each[0] == "a"] == ["a1", "a2"]
    assert [each for each in ran if each[0] == "b"] == ["b1", "b2", "b3"]
    assert "c" in ran
    assert completion.reply == {"failed": ["a2", "a3", "a4"]}
    assert [type(outcome.error) for outcome in completion.failed] == [LookupError, NotAttempted, NotAttempted]


class Lambda:
    """Lambda's context, with some seconds to go."""

    def __init__(self, seconds: float) -> None:
        self.end = time.monotonic() + seconds

    def get_remaining_time_in_millis(self) -> int:
        return int((self.end - time.monotonic()) * 1000)


@in_real_time
def test_its_reply_leaves_before_the_deadline_with_what_is_unfinished_as_failed(sent: list[Any]) -> None:
    app = App(deadline_margin=seconds(1))

    @app.on(ParcelTrigger("north"))
    async def handle(record: ParcelRecord) -> None:
        if record.id == "slow":
            await anyio.sleep(60)

    context = Lambda(seconds(2))
    completion = app.complete(parcels(parcel("quick"), parcel("slow")), context)
    assert context.get_remaining_time_in_millis() > 0
    assert completion.reply == {"failed": ["slow"]}
    assert isinstance(completion.failed[0].error, DeadlineExceeded)
    assert sent == [("swift", ["slow"])]


def test_a_delivery_is_awaited_and_what_it_raises_fails_the_invocation(monkeypatch: pytest.MonkeyPatch) -> None:
    app, steps = App(), list[str]()
    app.on(ParcelTrigger("north"))(lambda: steps.append("handled"))

    async def send() -> None:
        await anyio.lowlevel.checkpoint()
        steps.append("sent")

    monkeypatch.setattr(ParcelSource, "respond", lambda self, event, outcomes: Delivery(send, {"ok": True}))
    assert app(parcels(parcel("1"))) == {"ok": True}
    assert steps == ["handled", "sent"]

    async def refuse() -> None:
        raise ConnectionError("the carrier hung up")

    monkeypatch.setattr(ParcelSource, "respond", lambda self, event, outcomes: Delivery(refuse))
    with pytest.raises(ConnectionError, match="hung up"):
        app(parcels(parcel("1")))


def test_middleware_routers_and_the_list_of_routes_know_it() -> None:
    app, router, seen = App(), Router(prefix="/v1"), list[Any]()

    @app.middleware
    def log(call: Any) -> Any:
        seen.append((call.source, call.record.id, call.route.trigger.depot))
        yield

    @router.on(ParcelTrigger("north"))
    async def handle(text: str) -> None:
        seen.append(text)

    app.include(router)
    (route,) = app.routes
    assert route.name.endswith("handle")
    assert app(parcels(parcel("1", "hello"))) == {"failed": []}
    assert seen == [("parcel", "1", "north"), "hello"]


def test_wrong_options_and_signatures_are_refused_at_import() -> None:
    with pytest.raises(ConfigurationError, match="heaviest is 0"):
        ParcelTrigger("north", heaviest=0)
    with pytest.raises(ConfigurationError, match="concurrency is 0"):
        ParcelTrigger("north", concurrency=0)
    app = App()
    with pytest.raises(
        ConfigurationError, match=r"first and second would both take the payload.*ParcelRecord"
    ) as caught:

        @app.on(ParcelTrigger("north"))
        def handle(first: Label, second: Label) -> None: ...

    assert f"{Path(__file__).name}:" in str(caught.value)
    assert app.routes == []


def test_two_sources_of_a_third_party_are_asked_in_the_order_of_their_registration() -> None:
    app, ran = App(), list[str]()
    app.on(ParcelTrigger("north"))(lambda: ran.append("parcel"))
    app.on(GreedyTrigger("north"))(lambda: ran.append("greedy"))
    app(parcels(parcel("1")))
    app({"else": 1})
    assert ran == ["parcel", "greedy"]
