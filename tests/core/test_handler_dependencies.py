"""`Depends`: what may be a dependency, and what outlives what."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, NamedTuple

import pytest

from lambdarouter import ConfigurationError, Depends, Header, Request
from tests.core.callables import AsyncCallee, Callee, Shop, ask, plain, refused, scaled


class Clock:
    def __init__(self, q: str) -> None:
        self.text = f"{q} o'clock"


@dataclass
class Page:
    q: str
    size: int = 10


class Bare:
    size = 3


class Limits(NamedTuple):
    size: int = 4


def test_a_class_is_a_dependency_made_from_its_constructors_parameters() -> None:
    def fn(
        clock: Annotated[Clock, Depends(Clock)],
        page: Annotated[Page, Depends(Page)],
        bare: Annotated[Bare, Depends(Bare)],
        limits: Annotated[Limits, Depends(Limits)],
    ) -> list[Any]:
        return [clock.text, page.q, page.size, bare.size, limits.size]

    assert ask(fn, "/n/7?q=six&size=2")[:4] == ["six o'clock", "six", 2, 3]


def test_partials_methods_and_callables_are_dependencies() -> None:
    def fn(
        scaled_: Annotated[Any, Depends(functools.partial(scaled, 2))],
        method: Annotated[Any, Depends(Shop().method)],
        callee: Annotated[Any, Depends(Callee())],
        later_: Annotated[Any, Depends(AsyncCallee())],
    ) -> list[Any]:
        return [scaled_, method, callee, later_]

    assert ask(fn) == [[14, "hello"], [7, "hello"], [7, "hello"], [7, "hello"]]


def broken(oven: Shop) -> None: ...


def test_an_error_in_a_dependency_is_found_at_registration() -> None:
    def read(n: int, v: Annotated[int, Depends(broken)]) -> None: ...

    message = refused(read)
    assert "'oven: Shop'" in message
    assert "broken" in message


def test_dependencies_that_go_in_a_circle_are_refused_with_the_way() -> None:
    def read(n: int, v: Annotated[int, Depends(chicken)]) -> None: ...

    names = [f"{__name__}.{name}" for name in ("chicken", "egg", "chicken")]
    message = refused(read)
    assert "in a circle: " in message
    assert message.endswith(" -> ".join(names))


def egg(v: Annotated[int, "replaced below"]) -> int:
    return v


def chicken(v: Annotated[int, Depends(egg)]) -> int:
    return v


egg.__annotations__["v"] = Annotated[int, Depends(chicken)]


@dataclass
class Unhashable:
    """Equal to its like, and therefore without a hash."""

    size: int = 3

    def __call__(self) -> int:
        return self.size


@pytest.mark.parametrize(
    ("arguments", "options", "message"),
    [
        ((3,), {}, "a dependency is a function"),
        ((plain,), {"scope": "forever"}, 'the scope is "call", "invocation" or "app"'),
        ((Unhashable(),), {}, "known by its hash, and a Unhashable has none"),
    ],
)
def test_a_wrong_depends_is_refused(arguments: Any, options: Any, message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Depends(*arguments, **options)


def per_request(n: int) -> int:
    return n


def of_request(request: Request) -> Request:
    return request


def of_header(token: Annotated[str, Header()]) -> str:
    return token


def outliving(v: Annotated[int, Depends(per_request)]) -> int:
    return v


@pytest.mark.parametrize("fn", [per_request, of_request, of_header, outliving])
def test_a_dependency_of_the_app_cannot_depend_on_what_lives_shorter(fn: Callable[..., Any]) -> None:
    def read(v: Any) -> None: ...

    read.__annotations__["v"] = Annotated[Any, Depends(fn, scope="app")]
    message = refused(read)
    assert 'has scope="app" and outlives the invocation' in message
    assert fn.__name__ in message


class Configuration:
    def __init__(
        self, table: str = "orders", *, retries: int = 3, key: Annotated[str, Header("x-key")] = "none"
    ) -> None:
        self.values = [table, retries, key]


def test_a_dependency_of_the_app_is_made_from_its_defaults_and_never_from_a_request() -> None:
    def read(n: int, settings: Annotated[Configuration, Depends(Configuration, scope="app")]) -> list[Any]:
        return settings.values

    target = "/n/7?table=users&retries=99"
    assert ask(read, target, headers={"x-key": "sent"}, json=1) == ["orders", 3, "none"]
