"""What is refused at registration, and what the message says."""

from __future__ import annotations

import functools
import types
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Annotated, Any

import pytest
from pydantic import BaseModel

from lambdarouter import App, ConfigurationError, Depends, Header, Query, Router, SesMail, SnsRecord
from tests.core.callables import ask, refused


class Order(BaseModel):
    id: int


class Shop:
    pass


def test_a_parameter_nobody_can_fill_is_refused_naming_function_place_parameter_and_choices() -> None:
    def read(n: int, q: str, oven: Shop) -> None: ...

    message = refused(read)
    assert "read (" in message
    assert f"test_handler_refusals.py:{read.__code__.co_firstlineno}" in message
    assert "'oven: Shop'" in message
    assert "the JSON body" in message
    assert "Depends" in message


def test_an_unannotated_parameter_that_is_not_in_the_path_is_refused() -> None:
    assert "'q'" in refused(lambda n, q: None)


def test_two_parameters_that_would_take_the_body_are_refused_by_name() -> None:
    def create(n: int, order: Order, extra: dict[str, int]) -> None: ...

    assert "order and extra would both take the payload" in refused(create)
    assert "wrap their types in one model" in refused(create)


def test_two_parameters_that_would_take_the_message_are_refused_by_name() -> None:
    def announce(order: Order, text: str, record: SnsRecord) -> None: ...

    with pytest.raises(ConfigurationError, match="order and text would both take the payload"):
        App().sns("orders")(announce)


def test_a_view_of_another_source_is_refused() -> None:
    def announce(mail: SesMail) -> None: ...

    with pytest.raises(
        ConfigurationError, match="nobody can fill the parameter 'mail: SesMail'; it could be SnsRecord"
    ):
        App().sns("orders")(announce)


def test_two_markers_in_one_annotated_are_refused() -> None:
    def read(n: int, q: Annotated[str, Query(), Header()]) -> None: ...

    message = refused(read)
    assert "'q' has 2 markers" in message
    assert "test_handler_refusals.py" in message


def test_a_marker_as_a_default_is_refused_with_what_to_write() -> None:
    def read(n: int, q: str = Query()) -> None: ...  # type: ignore[assignment]

    assert "write Annotated[T, …]" in refused(read)


def test_a_marker_class_means_the_marker_itself() -> None:
    def read(n: int, accept: Annotated[str, Header]) -> list[Any]:
        return [n, accept]

    assert ask(read) == [7, "*/*"]


@pytest.mark.parametrize("wrap", [lambda fn: fn, functools.partial], ids=["function", "partial"])
def test_generator_handlers_are_refused_as_their_body_would_never_run(wrap: Callable[..., Any]) -> None:
    def rows(n: dict[str, int]) -> Iterator[Any]:
        yield n

    async def async_rows(n: dict[str, int]) -> AsyncIterator[Any]:
        yield n

    class Rows:
        def __call__(self, n: dict[str, int]) -> Iterator[Any]:
            yield n

    @types.coroutine
    def old_style(n: dict[str, int]) -> Iterator[Any]:
        yield n

    for fn in (rows, async_rows, Rows(), old_style):
        with pytest.raises(ConfigurationError, match="Return the value instead of yielding it"):
            App().sns("topic")(wrap(fn))


def test_a_builtin_that_does_not_tell_its_parameters_is_refused_with_what_to_do() -> None:
    assert "builtins.dict does not tell its parameters" in refused(dict)


def test_what_cannot_be_called_is_no_handler() -> None:
    with pytest.raises(ConfigurationError, match="is no handler"):
        App().get("/x")("read")  # type: ignore[type-var]


def test_an_error_in_the_options_names_the_function_too() -> None:
    def read() -> None: ...

    with pytest.raises(ConfigurationError, match=r"read \(.*test_handler_refusals\.py:\d+\): the path 'x'"):
        App().get("x")(read)
    with pytest.raises(ConfigurationError, match=r"read \(.*test_handler_refusals\.py:\d+\)"):
        Router().get("x")(read)


def test_depends_without_a_function_is_refused() -> None:
    def handler(n: Annotated[str, Depends]) -> None: ...

    assert "write Annotated[T, Depends(f)]" in refused(handler)
