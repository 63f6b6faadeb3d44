"""The decorators: the trigger's own signature, loaded when used, and functions handed back unchanged."""

from __future__ import annotations

import inspect
import pydoc
from typing import Any

import pytest

from lambdarouter import App, ConfigurationError, Router
from lambdarouter.core.decorator import decorator
from lambdarouter.sources.authorizer import AuthorizerTrigger
from lambdarouter.sources.cron import CronTrigger
from lambdarouter.sources.http import HttpTrigger
from lambdarouter.sources.ses import SesTrigger
from lambdarouter.sources.sns import SnsTrigger

TRIGGERS = {
    "route": HttpTrigger,
    "authorizer": AuthorizerTrigger,
    "cron": CronTrigger,
    "ses": SesTrigger,
    "sns": SnsTrigger,
}
VERBS = ("get", "post", "put", "patch", "delete", "head", "options")


@pytest.mark.parametrize("owner", [App, Router])
@pytest.mark.parametrize("name", TRIGGERS)
def test_a_decorators_signature_and_help_are_the_triggers(owner: type, name: str) -> None:
    trigger = TRIGGERS[name]
    register = getattr(owner(), name)
    assert inspect.signature(register) == inspect.signature(trigger)
    text = pydoc.plain(pydoc.render_doc(register))
    assert trigger.__doc__ is not None
    assert trigger.__doc__.splitlines()[0] in text
    for option in inspect.signature(trigger).parameters:
        assert option in text
    assert register.__name__ == name
    assert register.__qualname__ == f"{owner.__name__}.{name}" or owner is App


@pytest.mark.parametrize("verb", VERBS)
def test_a_verbs_decorator_has_the_options_of_route_but_for_its_method(verb: str) -> None:
    register: Any = getattr(App(), verb)
    assert register.__name__ == verb
    assert verb.upper() in (register.__doc__ or "")
    app = App()
    getattr(app, verb)("/x", status=202)(lambda: None)
    assert app.routes[0].trigger.describe() == f"{verb.upper()} /x"


@pytest.mark.parametrize(
    "register",
    ids=["get", "route", "sns", "ses", "cron", "on"],
    argvalues=[
        lambda app: app.get("/x"),
        lambda app: app.route("/x", methods=["GET", "PUT"]),
        lambda app: app.sns("orders"),
        lambda app: app.ses(),
        lambda app: app.cron("@daily"),
        lambda app: app.on(SnsTrigger("orders")),
    ],
)
@pytest.mark.parametrize("owner", [App, Router])
def test_a_decorated_function_is_handed_back_unchanged(owner: type, register: Any) -> None:
    def handler() -> None: ...

    before = dict(vars(handler))
    assert register(owner())(handler) is handler
    assert vars(handler) == before


def test_a_second_decorator_registers_the_function_twice() -> None:
    app = App()

    @app.sns("orders")
    @app.cron("@daily")
    @app.get("/b")
    @app.get("/a")
    def handler() -> None: ...

    assert len(app.routes) == 4
    assert {route.handler.fn for route in app.routes} == {handler}


def test_options_are_checked_when_the_decorator_meets_its_function() -> None:
    def handler() -> None: ...

    decorate = App().sns([])
    with pytest.raises(ConfigurationError, match=r"handler \(.*test_decorator\.py:\d+\): topic is \[\]"):
        decorate(handler)


def test_a_decorator_without_its_parentheses_is_refused_at_once() -> None:
    app: Any = App()

    def handler() -> None: ...

    for name in (*TRIGGERS, *VERBS):
        with pytest.raises(ConfigurationError, match=rf"handler .*@app\.{name}\(\.\.\.\), with parentheses"):
            getattr(app, name)(handler)


def test_on_the_class_a_decorator_is_the_descriptor() -> None:
    assert isinstance(App.sns, decorator)
    assert App.sns is Router.sns


def test_an_option_that_a_source_does_not_have_is_refused_with_the_function_and_the_way_to_the_options() -> None:
    def job() -> None: ...

    with pytest.raises(ConfigurationError, match=r"job .*@app.cron: got an unexpected keyword argument 'tz'; help"):
        App().cron("@daily", tz="Europe/Madrid")(job)  # type: ignore[call-arg]
    with pytest.raises(ConfigurationError, match=r"job .*@app.sns: missing 1 required positional argument: 'topic'"):
        App().sns()(job)  # type: ignore[call-arg]
