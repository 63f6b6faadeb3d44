"""The lobby: what `App` and `Router` promise, whatever the source."""

from __future__ import annotations

import inspect
import math
from collections.abc import Callable
from typing import Any

import pytest

from lambdarouter import App, Completion, ConfigurationError, Deny, HttpError, Router, SnsRecord, UnknownEventError
from lambdarouter.sources.cron import CronTrigger
from lambdarouter.sources.sns import SnsTrigger
from lambdarouter.sources.sqs import SqsTrigger
from lambdarouter.testing.events import cron, http, sns

DECORATORS: dict[str, Callable[[Router], Callable[[Any], Any]]] = {
    "route": lambda router: router.route("/route", methods=["GET", "POST"]),
    "get": lambda router: router.get("/x"),
    "post": lambda router: router.post("/x"),
    "put": lambda router: router.put("/x"),
    "patch": lambda router: router.patch("/x"),
    "delete": lambda router: router.delete("/x"),
    "head": lambda router: router.head("/x"),
    "options": lambda router: router.options("/x"),
    "authorizer": lambda router: router.authorizer(),
    "cron": lambda router: router.cron("0 * * * *"),
    "ses": lambda router: router.ses(),
    "sns": lambda router: router.sns("orders"),
    "on": lambda router: router.on(SnsTrigger("orders")),
}


@pytest.mark.parametrize("name", DECORATORS)
@pytest.mark.parametrize("kind", [App, Router])
def test_a_decorator_registers_a_function_and_gives_it_back_unchanged(kind: type[Router], name: str) -> None:
    router = kind()

    def handler() -> None: ...

    assert DECORATORS[name](router)(handler) is handler
    app = router if isinstance(router, App) else App()
    if app is not router:
        app.include(router)
    assert [route.handler.fn for route in app.routes] == [handler]


@pytest.mark.parametrize("name", [name for name in DECORATORS if name != "on"])
def test_a_decorators_signature_and_help_are_its_triggers(name: str) -> None:
    decorator = getattr(App(), name)
    assert decorator.__name__ == name
    assert decorator.__doc__
    assert list(inspect.signature(decorator).parameters)
    assert getattr(App, name) is App.__dict__.get(name, Router.__dict__[name])


def test_a_second_decorator_registers_the_function_twice() -> None:
    app, seen = App(), list[str]()

    @app.sns("orders")
    @app.sns("orders")
    @app.sns("invoices")
    def handler(text: str) -> None:
        seen.append(text)

    app(sns("orders", "a"))
    app(sns("invoices", "b"))
    assert seen == ["a", "a", "b"]
    assert len(app.routes) == 3


def test_the_app_is_the_handler() -> None:
    app = App()
    assert app.handler is app
    assert callable(app)


def test_a_call_returns_the_reply_or_raises_the_error() -> None:
    app, error = App(), LookupError("x")

    @app.sns("fail")
    def fails() -> None:
        raise error

    app.sns("orders")(lambda: "ignored: SNS takes no reply")
    app.get("/")(lambda: "hello")
    assert app(sns("orders", "x"), None) is None
    assert app(http.v2("GET", "/"))["body"] == "hello"
    with pytest.raises(LookupError) as caught:
        app(sns("fail", "x"))
    assert caught.value is error


def test_complete_never_raises_what_lambda_would_see() -> None:
    app = App()
    app.sns("fail")(lambda: 1 // 0)
    completion = app.complete(sns("fail", "x"))
    assert isinstance(completion, Completion)
    assert isinstance(completion.error, ZeroDivisionError)
    assert isinstance(app.complete({}).error, UnknownEventError)
    with pytest.raises(ZeroDivisionError):
        completion.unwrap()


@pytest.mark.anyio
async def test_invoke_gives_the_completion_in_a_running_loop() -> None:
    app = App()

    @app.sns("orders")
    async def handler(record: SnsRecord) -> str:
        return record.message

    completion = await app.acomplete(sns("orders", "x"))
    assert (completion.name, completion.error, completion.outcomes[0].value) == ("sns", None, "x")


def test_a_router_brings_its_routes_those_before_and_those_after_its_inclusion() -> None:
    app, router, seen = App(), Router(), list[str]()
    router.sns("before")(lambda: seen.append("before"))
    app.include(router)
    router.sns("after")(lambda: seen.append("after"))
    app(sns("before", "x"))
    app(sns("after", "x"))
    assert seen == ["before", "after"]


def test_prefixes_add_up_from_the_app_inwards() -> None:
    app, outer, inner = App(), Router(prefix="/outer"), Router(prefix="/inner")
    inner.get("/{name}")(lambda name: name)
    inner.sns("orders")(lambda: None)
    outer.include(inner, prefix="/between")
    app.include(outer, prefix="/v1")
    assert app(http.v2("GET", "/v1/outer/between/inner/ada"))["body"] == "ada"
    assert app(http.v2("GET", "/inner/ada"))["statusCode"] == 404
    assert app(sns("orders", "x")) is None
    inner.get("/late/route")(lambda: "late")
    assert app(http.v2("GET", "/v1/outer/between/inner/late/route"))["body"] == "late"


def test_a_router_may_be_included_twice_under_two_prefixes() -> None:
    app, router = App(), Router()
    router.get("/x")(lambda: "x")
    app.include(router, prefix="/a")
    app.include(router, prefix="/b")
    assert [app(http.v2("GET", path))["statusCode"] for path in ("/a/x", "/b/x", "/x")] == [200, 200, 404]
    with pytest.raises(ConfigurationError, match="GET /a/x is answered already"):
        app.include(router, prefix="/a")


def test_a_router_included_twice_may_bring_nothing_but_paths() -> None:
    def twice(app: Router, router: Router) -> None:
        app.include(router)
        app.include(router)

    def under_two_prefixes(app: Router, router: Router) -> None:
        app.include(router, prefix="/v1")
        app.include(router, prefix="/v2")

    def inside_two_others(app: Router, router: Router) -> None:
        for outer in (Router(tags=["one"]), Router(prefix="/two", auth=Deny)):
            outer.include(router)
            app.include(outer)

    said = r"<lambda> .*Trigger\(.* included twice does: include it once"
    for include in (twice, under_two_prefixes, inside_two_others):
        for trigger in (SqsTrigger("jobs"), SnsTrigger("orders", via="sqs:jobs"), CronTrigger(every="1h")):
            early, late = Router(), Router()
            early.on(trigger)(lambda: None)
            with pytest.raises(ConfigurationError, match=said):
                include(App(), early)
            include(app := App(), late)
            with pytest.raises(ConfigurationError, match=said):
                late.on(trigger)(lambda: None)
            assert len(app.routes) == 1


def test_one_trigger_may_have_several_handlers_and_one_handler_several_triggers() -> None:
    app, seen = App(), list[str]()
    trigger = SnsTrigger("orders")

    def first() -> None:
        seen.append("first")

    app.on(trigger)(first)
    app.on(trigger)(lambda: seen.append("second"))
    app.on(SnsTrigger("returns"))(first)
    app(sns("orders", "x"))
    app(sns("returns", "x"))
    assert sorted(seen) == ["first", "first", "second"]


@pytest.mark.parametrize("prefix", ["orders", "/orders/", "/", None, 5])
def test_a_prefix_starts_with_a_slash_and_does_not_end_with_one(prefix: Any) -> None:
    with pytest.raises(ConfigurationError, match="must start with"):
        Router(prefix=prefix)
    with pytest.raises(ConfigurationError, match="must start with"):
        App().include(Router(), prefix=prefix)


def test_an_app_or_the_router_itself_cannot_be_included() -> None:
    app, router = App(), Router()
    with pytest.raises(ConfigurationError, match="App cannot be included here"):
        app.include(App())
    with pytest.raises(ConfigurationError, match="a Router cannot be included here"):
        router.include(router)


def test_routers_that_include_each_other_are_refused() -> None:
    one, between, other = Router(), Router(), Router()
    one.include(between)
    between.include(other)
    with pytest.raises(ConfigurationError, match="cannot include each other"):
        other.include(one)


def test_what_is_no_function_is_refused_where_it_stands() -> None:
    app = App()
    with pytest.raises(ConfigurationError, match="is no handler: the decorator goes directly above a function"):
        app.sns("orders")("handler")  # type: ignore[type-var]
    with pytest.raises(ConfigurationError, match=r"^'http' is no middleware: .*, without a call; .* `call\.source`"):
        app.middleware("http")  # type: ignore[type-var]
    with pytest.raises(ConfigurationError, match="generator"):

        @app.sns("orders")
        def handler() -> Any:
            yield 1

    assert app.routes == []


def test_the_error_of_a_decorators_options_names_the_function_below_it() -> None:
    app = App()

    def handler() -> None: ...

    for decorate in (app.cron("61 * * * *"), app.sns("no spaces"), app.get("no-slash"), app.sns("x", concurrency=0)):
        with pytest.raises(ConfigurationError, match=r"handler \(.*test_app\.py:\d+\): "):
            decorate(handler)
    assert app.routes == []


@pytest.mark.parametrize("concurrency", [0, -1, 1.5, "3"])
def test_concurrency_is_a_number_of_calls(concurrency: Any) -> None:
    with pytest.raises(ConfigurationError, match="1 or more"):
        SnsTrigger("orders", concurrency=concurrency)


def test_unmatched_is_one_of_two_words() -> None:
    with pytest.raises(ConfigurationError, match='"ignore" or "fail"'):
        SnsTrigger("orders", unmatched="raise")  # type: ignore[arg-type]


@pytest.mark.parametrize("margin", [0, -0.1, math.nan, math.inf, 900, "1", None, True])
def test_the_deadline_margin_is_above_zero_and_leaves_a_handler_time_to_start(margin: Any) -> None:
    with pytest.raises(ConfigurationError, match="deadline_margin"):
        App(deadline_margin=margin)


@pytest.mark.parametrize("option", ["tick", "debug", "lifespan"])
@pytest.mark.parametrize("value", [60, "false", ["1h"], {"hourly": 60}])
def test_an_option_of_the_wrong_type_is_refused_by_name(option: str, value: Any) -> None:
    options: Any = {option: value}
    with pytest.raises(ConfigurationError, match="false" if (option, value) == ("tick", "false") else f"^{option} is "):
        App(**options)


def test_what_is_no_trigger_is_refused_before_the_first_event() -> None:
    app = App()
    wrong: Any
    for wrong in (SnsTrigger, None, "orders"):
        with pytest.raises(ConfigurationError, match=r"on\(\) takes a trigger, made with its options"):
            app.on(wrong)

    with pytest.raises(ConfigurationError, match=r"handler \(.*test_app\.py:\d+\): on\(\) takes a trigger"):

        @app.on  # type: ignore[arg-type]
        def handler() -> None: ...


def test_what_is_no_router_cannot_be_included() -> None:
    with pytest.raises(ConfigurationError, match="a module cannot be included here"):
        App().include(math)  # type: ignore[arg-type]


def test_a_tick_that_cannot_be_is_refused() -> None:
    for tick in ("soon", "", {}, {"hourly": "soon"}):
        with pytest.raises(ConfigurationError):
            App(tick=tick)
    app = App(tick={"hourly": "1h"})
    app.cron(every="1h")(lambda: None)
    assert app(cron.rule("2026-01-01T03:00Z", rule="hourly")) is None


def test_debug_shows_the_client_what_went_wrong() -> None:
    for debug in (True, False):
        app = App(debug=debug)
        app.get("/")(lambda: 1 // 0)
        reply = app(http.v2("GET", "/"))
        assert reply["statusCode"] == 500
        assert ("ZeroDivisionError" in reply["body"]) is debug


def test_routes_tell_source_filter_handler_and_place() -> None:
    app = App()

    @app.sns("orders", attributes={"kind": "created"})
    def handler() -> None: ...

    (route,) = app.routes
    assert route.trigger.describe() == "orders kind=created"
    assert route.name == f"{__name__}.{handler.__qualname__}"
    assert route.place == f"{route.name} ({__file__}:{handler.__code__.co_firstlineno})"
    assert repr(route) == f"<Route SnsTrigger(orders kind=created) -> {route.name}>"


def test_an_http_error_outside_http_is_an_error_like_any_other() -> None:
    app = App()

    @app.sns("orders")
    def handler() -> None:
        raise HttpError(404, "no such order")

    with pytest.raises(HttpError, match="404: no such order"):
        app(sns("orders", "x"))
