"""From a signature to a call: what a handler may look like, and what is refused at registration."""

from __future__ import annotations

import asyncio
import functools
import json
import sys
import textwrap
from collections.abc import Callable
from typing import TYPE_CHECKING, Annotated, Any, Literal

import pytest
from pydantic import BaseModel
from typing_extensions import TypeAliasType

from lambdarouter import App, Context, Depends, Header
from lambdarouter.core.parameter import EMPTY, Parameter
from lambdarouter.core.signature import name_of, place_of
from lambdarouter.testing.events import http, sns
from tests.core import callables
from tests.core.callables import AsyncCallee, Callee, Shop, ask, plain, refused, scaled

if TYPE_CHECKING:
    from decimal import Decimal


class Order(BaseModel):
    id: int


# --- Everything that can be called -----------------------------------------------------------------------------------


def chosen(n: int, q: str, *, suffix: str) -> list[Any]:
    return [n, q + suffix]


def loud(fn: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(fn)
    def wrapper(*args: Any, **kwargs: Any) -> Any:
        return fn(*args, **kwargs)

    return wrapper


def awaited(fn: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(fn)
    async def wrapper(*args: Any, **kwargs: Any) -> Any:
        await asyncio.sleep(0)
        return fn(*args, **kwargs)

    return wrapper


async def later(n: int, q: str) -> list[Any]:
    await asyncio.sleep(0)
    return [n, q]


def positional_only(n: int, q: str, /) -> list[Any]:
    return [n, q]


def keyword_only(*, q: str, n: int) -> list[Any]:
    return [n, q]


def mixed(n: int, /, q: str = "default", *, also: str = "x") -> list[Any]:
    return [n, q]


def open_ended(n: int, q: str, *args: Any, **kwargs: Any) -> list[Any]:
    assert not args
    assert not kwargs
    return [n, q]


HANDLERS: dict[str, Callable[..., Any]] = {
    "a function": plain,
    "a coroutine function": later,
    "a function with positional-only parameters": positional_only,
    "a function with keyword-only parameters": keyword_only,
    "a function with both and defaults": mixed,
    "a function with *args and **kwargs": open_ended,
    "a partial with a positional argument": functools.partial(scaled, 1),
    "a partial with a keyword argument": functools.partial(chosen, suffix=""),
    "a partial of a partial": functools.partial(functools.partial(scaled), 1),
    "a partial of a wrapper": functools.partial(loud(scaled), 1),
    "a partial of a bound method": functools.partial(Shop().method),
    "a partial of a callable object": functools.partial(Callee()),
    "a bound method": Shop().method,
    "a class method": Shop.of_class,
    "a static method": Shop.of_nobody,
    "a staticmethod object": staticmethod(plain),
    "a callable object": Callee(),
    "an async callable object": AsyncCallee(),
    "a wrapper": loud(plain),
    "a wrapper of a wrapper": loud(loud(plain)),
    "a wrapper of a bound method": loud(Shop().method),
    "a wrapper of a partial": loud(functools.partial(scaled, 1)),
    "an async wrapper of a function": awaited(plain),
    "a wrapper of a coroutine function": loud(later),
    "a cached function": functools.lru_cache(plain),
}


@pytest.mark.parametrize("fn", HANDLERS.values(), ids=HANDLERS.keys())
def test_everything_that_can_be_called_is_a_handler(fn: Callable[..., Any]) -> None:
    assert ask(fn) == [7, "hello"]


def test_a_handler_may_take_no_parameter_at_all() -> None:
    assert ask(lambda: {"ok": True}) == {"ok": True}


def test_a_default_stands_in_for_a_query_parameter_that_is_absent() -> None:
    def fn(n: int, q: str = "nobody asked", *, r: int = 3) -> list[Any]:
        return [n, q, r]

    assert ask(fn, "/n/7") == [7, "nobody asked", 3]
    assert ask(fn, "/n/7?r=4") == [7, "nobody asked", 4]


def test_a_parameter_that_nobody_fills_keeps_its_default_and_does_not_shift_the_others() -> None:
    def fn(n: int, cache: Shop | None = None, q: str = "", *, limit: Shop | None = None) -> list[Any]:
        return [n, cache, q, limit]

    assert ask(fn) == [7, None, "hello", None]


def test_positional_only_parameters_left_to_their_defaults_do_not_shift_those_after_them() -> None:
    def fn(n: int, shop: Shop | None = None, q: str = "", /) -> list[Any]:
        return [n, shop, q]

    assert ask(fn) == [7, None, "hello"]
    assert ask(functools.partial(fn)) == [7, None, "hello"]


def test_what_a_partial_binds_is_not_asked_of_the_request() -> None:
    assert ask(functools.partial(scaled, 3)) == [21, "hello"]
    bound = functools.partial(chosen, suffix="!")
    for fn in (bound, loud(bound), functools.partial(bound)):
        assert ask(fn, "/n/7?q=hello&suffix=?") == [7, "hello!"]


def test_an_unannotated_path_parameter_is_text() -> None:
    assert ask(lambda n: {"n": n}) == {"n": "7"}


# --- Colours ---------------------------------------------------------------------------------------------------------


def colour(fn: Callable[..., Any]) -> bool:
    app = App()
    app.get("/n/{n}")(fn)
    return app.routes[0].handler.is_async


def test_a_handler_is_async_exactly_where_calling_it_runs_a_coroutine_function() -> None:
    assert colour(later)
    assert colour(AsyncCallee())
    assert colour(functools.partial(later))
    assert colour(awaited(plain))
    assert not colour(plain)
    assert not colour(Callee())


def test_a_sync_wrapper_over_an_async_function_is_not_async_and_its_awaitable_is_awaited() -> None:
    assert not colour(loud(later))
    assert ask(loud(later)) == [7, "hello"]


def test_any_awaitable_that_a_call_returns_is_awaited() -> None:
    def fn(n: int) -> Any:
        return asyncio.sleep(0, result=[n])

    assert ask(fn) == [7]


# --- Annotations -----------------------------------------------------------------------------------------------------


def module(source: str, **names: Any) -> dict[str, Any]:
    """A module of its own, without this one's `from __future__ import annotations`."""
    namespace: dict[str, Any] = {"__name__": "shop", **names}
    exec(compile(textwrap.dedent(source), "shop.py", "exec", dont_inherit=True), namespace)  # noqa: S102
    return namespace


def test_annotations_that_are_objects_need_no_resolving() -> None:
    shop = module("def read(n: int, q: str): return [n, q]")
    assert ask(shop["read"]) == [7, "hello"]


@pytest.mark.parametrize(
    "annotation",
    [
        '"Order"',
        '"Order | None"',
        'Annotated["Order", Body()]',
        'Annotated["Order | None", Body()]',
        'Optional["Order"]',
        'list["Order"]',
        'dict[str, list["Order"]]',
        "\"dict[str, list['Order']]\"",
    ],
)
def test_forward_references_are_resolved_however_they_are_nested(annotation: str) -> None:
    source = f"""
    from typing import Annotated, Optional
    from lambdarouter import Body
    from pydantic import BaseModel

    def create(n: int, order: {annotation}): return order

    class Order(BaseModel):
        id: int
    """
    body: Any = {"id": 3}
    if "list" in annotation:
        body = {"a": [body]} if "dict" in annotation else [body]
    create = module(source)["create"]
    assert ask(create, json=body) == body


def test_the_strings_of_a_literal_are_values_and_no_references() -> None:
    def fn(n: int, q: Literal["hello", "bye"]) -> list[Any]:
        return [n, q]

    assert ask(fn) == [7, "hello"]


def test_a_local_class_is_resolved_where_the_function_uses_it() -> None:
    class Local(BaseModel):
        id: int

    def create(n: int, order: Local) -> Any:
        assert isinstance(order, Local)
        return order

    assert ask(create, json={"id": 3}) == {"id": 3}


def test_a_nested_function_that_uses_a_name_defined_after_it_is_a_handler_like_any_other() -> None:
    app = App()

    @app.get("/n/{n}")
    def count(n: int) -> list[int]:
        # `count` itself is a free variable, and empty while the decorator runs.
        return [n] if n == 0 else [n, *count(n - 1), step]

    step = 1
    assert json.loads(app(http.rest("GET", "/n/2"))["body"]) == [2, 1, 0, 1, 1]


def test_an_annotation_imported_for_type_checkers_only_is_refused_with_what_to_do() -> None:
    def price(n: int, amount: Decimal) -> None: ...

    message = refused(price)
    assert "import the type at run time" in message
    assert "Decimal" in message
    assert "test_handler.py:" in message
    assert "price" in message


def test_the_same_goes_for_a_return_annotation_a_nested_one_and_a_later_local() -> None:
    def returning() -> Decimal | None: ...

    def nesting(n: int, amounts: dict[str, Decimal]) -> None: ...

    def too_early(n: int, order: Defined) -> Any:
        return Defined(**order.__dict__)

    for fn in (returning, nesting, too_early):
        assert "import the type at run time" in refused(fn)

    class Defined: ...


def test_an_annotation_that_is_no_python_is_refused_with_the_place() -> None:
    shop = module("def read(n: 'int int'): ...")
    message = refused(shop["read"])
    assert "cannot be resolved" in message
    assert "shop.py:1" in message


LATER_3_14 = pytest.mark.skipif(sys.version_info < (3, 14), reason="annotations are evaluated with the def")


@LATER_3_14
def test_a_name_for_type_checkers_is_refused_where_annotations_are_evaluated_late() -> None:
    source = """
    def read(n: int, q: Missing): return q
    def nested(n: int, q: list[Missing] | None): return q
    def returning(n: int) -> Missing: return n
    def attribute(n: int, q: Annotated.missing): return q
    """
    shop = module(source, Annotated=Annotated)
    wrapped = [loud(fn) for fn in (shop["read"], shop["returning"])]
    for fn in (*(shop[name] for name in ("read", "nested", "returning", "attribute")), *wrapped):
        assert "import the type at run time" in refused(fn)


@LATER_3_14
def test_a_name_that_nobody_asks_for_is_no_error_where_annotations_are_evaluated_late() -> None:
    source = """
    def clock(q: str) -> Missing: return q
    def read(a: Annotated[str, Depends(clock)], b: Annotated[str, Depends(loud(clock))]): return [a, b]
    """
    shop = module(source, Annotated=Annotated, Depends=Depends, loud=loud)
    assert ask(shop["read"]) == ["hello", "hello"]


# --- What everybody gets ---------------------------------------------------------------------------------------------


def test_a_context_is_passed_by_its_type_to_handlers_of_every_source() -> None:
    seen: list[Context] = []
    app = App()

    @app.sns("orders")
    def announce(context: Context) -> None:
        seen.append(context)

    @app.get("/x")
    def read(context: Context) -> None:
        seen.append(context)

    class Raw:
        aws_request_id = "r-1"

    app(sns("orders", "x"), Raw())
    app(http.rest("GET", "/x"), Raw())
    assert [context.request_id for context in seen] == ["r-1", "r-1"]


# --- Names -----------------------------------------------------------------------------------------------------------


def test_names_and_places_lead_to_what_the_developer_wrote() -> None:
    line = plain.__code__.co_firstlineno
    for fn in (plain, functools.partial(plain), loud(plain), functools.lru_cache(plain)):
        assert name_of(fn) == f"{callables.__name__}.plain"
        assert place_of(fn) == f"{callables.__name__}.plain ({callables.__file__}:{line})"
    assert name_of(Shop().method) == f"{callables.__name__}.Shop.method"
    assert name_of(Callee()) == f"{callables.__name__}.Callee"
    assert place_of(Callee()).endswith(f"({callables.__file__}:{Callee.__call__.__code__.co_firstlineno})")
    assert place_of(len) == "builtins.len"


def test_a_parameter_tells_its_bare_type_its_marker_and_whether_it_is_required() -> None:
    marker = Header("x-request-id")
    parameter = Parameter("request_id", Annotated[str, "a comment", marker])
    assert parameter.annotation is str
    assert parameter.marker is marker
    assert parameter.required
    assert not Parameter("q", str, None).required
    assert Parameter("q").annotation is EMPTY
    assert repr(EMPTY) == "EMPTY"


def clock() -> "Unheard":  # type: ignore[name-defined] # noqa: F821, UP037
    return 7


def test_a_return_annotation_that_nobody_asks_for_may_name_what_only_type_checkers_know() -> None:
    app, seen = App(), []

    @app.sns("orders")
    def handler(now: Annotated[int, Depends(clock)]) -> "Unheard":  # type: ignore[name-defined] # noqa: F821, UP037
        seen.append(now)

    app(sns("orders", "hello"))
    assert seen == [7]


# What `type Number = int` makes, from Python 3.12 on.
Number = TypeAliasType("Number", int)


def test_a_type_alias_is_what_it_stands_for() -> None:
    def double(n: Number, q: Number) -> dict[str, int]:
        return {"double": 2 * q, "n": n}

    assert ask(double, "/n/7?q=21") == {"double": 42, "n": 7}
