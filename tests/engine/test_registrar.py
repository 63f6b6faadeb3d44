"""Which source takes which event, in one app."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

import pytest

from lambdarouter import App, ConfigurationError, Event, Record, Source, Trigger, UnknownEventError, sources
from lambdarouter.engine.classify import NAMES
from lambdarouter.testing.events import EXAMPLES, sns
from tests.engine.batch import BatchSource, BatchTrigger, batch


class Second(BatchSource):
    names = ("example.second",)


class SecondTrigger(BatchTrigger):
    __slots__ = ()
    source = Second


def test_a_third_party_source_is_asked_only_where_aws_has_no_claim() -> None:
    asked = list[Any]()

    class Greedy(Source):
        names = ("example.greedy",)

        def recognises(self, event: Any) -> bool:
            asked.append(event)
            return True

        def split(self, event: Event) -> Sequence[Record]:
            return [Record(event.raw)]

    class GreedyTrigger(Trigger):
        __slots__ = ()
        source = Greedy

    app = App()
    app.on(GreedyTrigger())(lambda: None)
    for name, build in EXAMPLES.items():
        assert name == "invoke" or app.complete(build()).name == name
    assert asked == []
    assert app.complete({"anything": "else"}).name == "example.greedy"
    assert asked == [{"anything": "else"}]


def test_the_first_third_party_source_that_recognises_an_event_takes_it() -> None:
    app = App()
    app.on(BatchTrigger())(lambda: None)
    app.on(SecondTrigger())(lambda: 1 // 0)
    assert app.complete(batch("x")).name == "example.batch"


def test_an_event_that_nobody_wants_is_in_no_other_threads_way() -> None:
    class Interrupted(BatchSource):
        def recognises(self, event: Any) -> bool:
            other = threading.Thread(target=app.complete, args=(sns("orders", "x"),))
            other.start()
            other.join()
            return super().recognises(event)

    class InterruptedTrigger(BatchTrigger):
        __slots__ = ()
        source = Interrupted

    app = App()
    app.on(InterruptedTrigger())(lambda: None)
    app.on(SecondTrigger())(lambda: None)
    with pytest.raises(UnknownEventError):
        app({"else": 1})


def test_a_source_without_names_keeps_the_name_invoke() -> None:
    class Nameless(BatchSource):
        names: tuple[str, ...] = ()

    class NamelessTrigger(BatchTrigger):
        __slots__ = ()
        source = Nameless

    app = App()
    app.on(NamelessTrigger())(lambda: None)
    assert app.complete(batch("x")).name == "invoke"
    with pytest.raises(UnknownEventError):
        app({"else": 1})


def test_one_source_serves_all_its_routes() -> None:
    app = App()
    for _ in range(3):
        app.on(BatchTrigger())(lambda: None)
    app.sns("orders")(lambda: None)
    assert len({id(route.source) for route in app.routes}) == 2
    assert [type(route.source).__name__ for route in app.routes] == ["BatchSource"] * 3 + ["SnsSource"]


def test_two_apps_share_nothing() -> None:
    one, other = App(), App()
    one.sns("orders")(lambda: None)
    assert other.routes == []
    assert one.complete(sns("orders", "x")).error is None
    assert other.complete(sns("orders", "x")).error is not None


def test_an_error_at_registration_names_function_file_and_line_once() -> None:
    app = App()

    def handler(thing: object, other: int) -> None: ...

    with pytest.raises(ConfigurationError) as caught:
        app.get("/x")(handler)
    message = str(caught.value)
    line = handler.__code__.co_firstlineno
    assert message.startswith(f"{__name__}.{handler.__qualname__} ({__file__}:{line}): ")
    assert message.count("test_registrar.py") == 1
    assert app.routes == []


def test_every_name_but_that_of_a_durable_function_has_a_room() -> None:
    assert {name for name in NAMES if sources.source_of(name) is None} == {"durable"}
