"""Dependencies that fail, and what they see of failures."""

# No `from __future__ import annotations`: the annotations of functions in functions are objects then, not text.

import asyncio
import contextlib
import sys
from collections.abc import AsyncGenerator, Generator
from typing import Annotated

import pytest

from lambdarouter import App, BatchError, Call, Completion, Depends, SnsRecord
from lambdarouter.testing.events import sns
from tests.engine.batch import BatchRecord, BatchTrigger, LambdaContext, batch, statuses


@pytest.mark.parametrize("records", [1, 2])
@pytest.mark.parametrize("swallows", [True, False])
@pytest.mark.parametrize("kind", ["generator", "async generator"])
def test_a_dependency_sees_its_calls_error_and_cannot_make_it_undone(
    kind: str, records: int, *, swallows: bool
) -> None:
    app, seen, error = App(), list[BaseException](), ValueError("mine")

    def transaction() -> Generator[None, None, None]:
        try:
            yield
        except ValueError as failure:
            seen.append(failure)
            if not swallows:
                raise

    async def transaction_async() -> AsyncGenerator[None, None]:
        try:
            yield
        except ValueError as failure:
            seen.append(failure)
            if not swallows:
                raise

    made = transaction if kind == "generator" else transaction_async

    @app.on(BatchTrigger())
    def handler(text: str, _made: Annotated[None, Depends(made)]) -> None:
        if text == "fail":
            raise error

    completion = app.complete(batch("fail", *["x"] * (records - 1)), LambdaContext(60))
    assert completion.outcomes[0].error is error
    assert statuses(completion)[1:] == ["ok"] * (records - 1)
    assert seen == [error]


@pytest.mark.parametrize("kind", ["generator", "async generator"])
@pytest.mark.parametrize("concurrency", [1, None])
def test_a_shared_teardown_that_fails_fails_the_calls_that_relied_on_it(kind: str, concurrency: int | None) -> None:
    app, error = App(), OSError("no commit")

    def transaction() -> Generator[int, None, None]:
        yield 1
        raise error

    async def transaction_async() -> AsyncGenerator[int, None]:
        yield 1
        raise error

    made = transaction if kind == "generator" else transaction_async

    @app.on(BatchTrigger(concurrency=concurrency))
    def handler(_made: Annotated[int, Depends(made, scope="invocation")]) -> None: ...

    @app.on(BatchTrigger("other", concurrency=concurrency))
    def other() -> None: ...

    completion = app.complete(batch("x", {"to": "other"}, "y"), LambdaContext(60))
    assert [outcome.error for outcome in completion.outcomes] == [error, None, error]
    completion = app.complete(batch("x"), LambdaContext(60))
    assert [outcome.error for outcome in completion.outcomes] == [error]


def test_a_records_teardown_that_fails_fails_its_call_alone() -> None:
    app = App()

    def session(record: BatchRecord) -> Generator[None, None, None]:
        yield
        if record.text == "fail":
            raise OSError("no commit")

    @app.on(BatchTrigger())
    def handler(_made: Annotated[None, Depends(session)]) -> None: ...

    assert statuses(app.complete(batch("a", "fail", "b"), LambdaContext(60))) == ["ok", "OSError", "ok"]


@pytest.mark.parametrize("colour", ["sync", "async"])
@pytest.mark.parametrize("concurrency", [1, None])
def test_what_is_rolled_back_is_never_reported_done(colour: str, concurrency: int | None) -> None:
    app, saved, seen = App(), list[str](), list[BaseException]()

    @contextlib.contextmanager
    def transaction() -> Generator[list[str], None, None]:
        pending: list[str] = []
        try:
            yield pending
        except BaseException as error:
            seen.append(error)
            raise
        saved.extend(pending)

    def session() -> Generator[list[str], None, None]:
        with transaction() as pending:
            yield pending

    async def session_async() -> AsyncGenerator[list[str], None]:
        with transaction() as pending:
            yield pending

    made = session if colour == "sync" else session_async

    @app.on(BatchTrigger("own", concurrency=concurrency))
    def own(text: str, pending: Annotated[list[str], Depends(made)]) -> None:
        pending.append(text)
        if text == "bad":
            raise ValueError(text)

    @app.on(BatchTrigger("shared", concurrency=concurrency))
    def shared(text: str, pending: Annotated[list[str], Depends(made, scope="invocation")]) -> None:
        own(text, pending)

    @app.on(BatchTrigger("apart", concurrency=concurrency))
    def apart(text: str) -> None:
        raise OSError(text)

    def send(to: str, *texts: str) -> Completion:
        saved.clear()
        seen.clear()
        return app.complete(batch({"to": "apart"}, *[{"to": to, "text": text} for text in texts]), LambdaContext(60))

    completion = send("own", "a", "bad", "b")
    assert statuses(completion) == ["OSError", "ok", "ValueError", "ok"]
    assert sorted(saved) == ["a", "b"]
    assert seen == [completion.outcomes[2].error]

    completion = send("shared", "a", "bad", "b")
    assert statuses(completion) == ["OSError", "RuntimeError", "ValueError", "RuntimeError"]
    assert saved == []
    assert seen == [completion.outcomes[2].error]
    error = completion.outcomes[1].error
    assert error is not None
    assert str(error).startswith('1 went well, but shares a generator of scope="invocation" with 2, which failed: ')
    assert error.__cause__ is completion.outcomes[2].error

    # The failure of a call that shares nothing is none of theirs.
    assert statuses(send("shared", "a", "b")) == ["OSError", "ok", "ok"]
    assert sorted(saved) == ["a", "b"]
    assert seen == []


def test_a_call_that_middleware_refuses_is_a_failure_to_what_the_calls_share() -> None:
    app, seen = App(), list[BaseException]()

    @app.middleware
    def refuse(call: Call) -> Generator[None, None, None]:
        if call.record.raw["text"] == "bad":
            raise PermissionError("not this one")
        yield

    def session() -> Generator[None, None, None]:
        try:
            yield
        except PermissionError as error:
            seen.append(error)
            raise

    @app.on(BatchTrigger(concurrency=1))
    def handler(_of: Annotated[None, Depends(session, scope="invocation")]) -> None: ...

    completion = app.complete(batch("a", "bad", "b"), LambdaContext(60))
    assert statuses(completion) == ["RuntimeError", "PermissionError", "RuntimeError"]
    assert seen == [completion.outcomes[1].error]


def test_every_teardown_runs_though_one_fails() -> None:
    app, log = App(), list[str]()

    def outer() -> Generator[None, None, None]:
        try:
            yield
        except OSError:
            log.append("outer saw it")
            raise

    def inner(_outer: Annotated[None, Depends(outer)]) -> Generator[None, None, None]:
        yield
        raise OSError("no commit")

    @app.sns("orders")
    def handler(_made: Annotated[None, Depends(inner)]) -> None: ...

    with pytest.raises(OSError, match="no commit"):
        app(sns("orders", "x"))
    assert log == ["outer saw it"]


@pytest.mark.parametrize("kind", ["function", "async function", "generator"])
@pytest.mark.parametrize("concurrency", [1, None])
def test_a_shared_dependency_that_fails_fails_exactly_the_calls_that_need_it(
    kind: str, concurrency: int | None
) -> None:
    app, tries, error = App(), list[int](), ConnectionError("down")

    def connection() -> int:
        tries.append(1)
        raise error

    async def connection_async() -> int:
        return connection()

    def connection_generator() -> Generator[int, None, None]:
        yield connection()

    made = {"function": connection, "async function": connection_async, "generator": connection_generator}[kind]

    shared = Depends(made, scope="invocation")

    def repository(_of: Annotated[int, shared]) -> int:
        raise AssertionError

    @app.on(BatchTrigger("needs", concurrency=concurrency))
    def needs(_made: Annotated[int, shared]) -> None:
        raise AssertionError

    @app.on(BatchTrigger("needs more", concurrency=concurrency))
    def needs_more(_made: Annotated[int, Depends(repository)]) -> None:
        raise AssertionError

    @app.on(BatchTrigger("other", concurrency=concurrency))
    def other(_made: Annotated[str, Depends(lambda: "fine")]) -> None: ...

    names = ["needs", "other", "needs more", "needs", "other"]
    completion = app.complete(batch(*[{"to": name} for name in names]), LambdaContext(60))
    assert [outcome.error for outcome in completion.outcomes] == [error, None, error, error, None]
    assert len(tries) == 1
    completion = app.complete(batch({"to": "needs more"}), LambdaContext(60))
    assert [outcome.error for outcome in completion.outcomes] == [error]


def test_several_calls_that_fail_with_one_shared_error_raise_it_as_itself() -> None:
    app, error = App(), ConnectionError("down")

    def connection() -> int:
        raise error

    @app.sns("orders")
    def announce(_made: Annotated[int, Depends(connection)]) -> None: ...

    @app.sns("orders")
    def audit(_made: Annotated[int, Depends(connection)]) -> None: ...

    with pytest.raises(ConnectionError) as caught:
        app(sns("orders", "x"))
    assert caught.value is error
    app.sns("orders")(lambda: 1 // 0)
    with pytest.raises(BatchError, match="3 of 3 calls failed") as several:
        app(sns("orders", "x"))
    assert [type(one) for one in several.value.exceptions] == [ConnectionError, ZeroDivisionError]


@pytest.mark.parametrize("twice", [True, False])
@pytest.mark.parametrize("kind", ["generator", "async generator"])
def test_a_generator_that_does_not_yield_once_is_an_error(kind: str, *, twice: bool) -> None:
    app = App()

    def wrong() -> Generator[int, None, None]:
        yield from range(2 if twice else 0)

    async def wrong_async() -> AsyncGenerator[int, None]:
        for number in range(2 if twice else 0):
            yield number

    made = wrong if kind == "generator" else wrong_async

    @app.sns("orders")
    def handler(_made: Annotated[int, Depends(made)]) -> None: ...

    with pytest.raises(RuntimeError, match="yielded twice" if twice else "wrong.* ended without yielding a value"):
        app(sns("orders", "x"))


def test_a_dependency_may_be_a_context_manager_function_behind_a_generator() -> None:
    app, log = App(), list[str]()

    @contextlib.contextmanager
    def opened() -> Generator[str, None, None]:
        try:
            yield "file"
        finally:
            log.append("closed")

    def file() -> Generator[str, None, None]:
        with opened() as it:
            yield it

    @app.sns("orders")
    def handler(it: Annotated[str, Depends(file)], record: SnsRecord) -> None:
        raise ValueError(it)

    with pytest.raises(ValueError, match="file"):
        app(sns("orders", "x"))
    assert log == ["closed"]


async def awaits_what_was_cancelled() -> None:
    future = asyncio.get_running_loop().create_future()
    future.cancel()
    await future


@pytest.mark.parametrize("records", [1, 2])
@pytest.mark.parametrize("when", ["made", "torn down"])
def test_a_dependency_that_raises_cancelled_error_by_itself_fails_like_any_other(when: str, records: int) -> None:
    app = App()

    async def made() -> AsyncGenerator[int, None]:
        if when == "made":
            await awaits_what_was_cancelled()
        yield 1
        await awaits_what_was_cancelled()

    @app.on(BatchTrigger())
    def handler(_made: Annotated[int, Depends(made)]) -> None: ...

    completion = app.complete(batch(*["x"] * records), LambdaContext(60))
    failures = [completion.error] if completion.error is not None else [outcome.error for outcome in completion.failed]
    assert failures
    for failure in failures:
        assert isinstance(failure, RuntimeError)
        assert isinstance(failure.__cause__, asyncio.CancelledError)
    assert app.complete(batch({"to": "nobody"})).reply == {"failed": ["0"]}


def test_a_sync_handler_that_raises_cancelled_error_fails_alone() -> None:
    app = App()

    @app.on(BatchTrigger())
    def handler(text: str) -> None:
        if text == "fail":
            raise asyncio.CancelledError

    assert statuses(app.complete(batch("a", "fail", "b"), LambdaContext(60))) == ["ok", "RuntimeError", "ok"]
    assert statuses(app.complete(batch("fail"), LambdaContext(60))) == ["RuntimeError"]


@pytest.mark.parametrize("concurrency", [1, None])
@pytest.mark.parametrize("kind", ["generator", "async generator"])
def test_what_calls_share_is_torn_down_once_where_one_of_them_ends_the_program(
    kind: str, concurrency: int | None
) -> None:
    app, seen = App(), list[str]()

    def transaction() -> Generator[None, None, None]:
        try:
            yield
        except BaseException as error:
            seen.append(type(error).__name__)
            raise

    async def transaction_async() -> AsyncGenerator[None, None]:
        try:
            yield
        except BaseException as error:
            seen.append(type(error).__name__)
            raise

    made = transaction if kind == "generator" else transaction_async

    @app.on(BatchTrigger(concurrency=concurrency))
    def handler(text: str, _made: Annotated[None, Depends(made, scope="invocation")]) -> None:
        if text == "end":
            sys.exit(3)

    with pytest.raises(SystemExit):
        app.complete(batch("a", "end", "b"), LambdaContext(60))

    assert len(seen) == 1
    assert seen[0] in ("SystemExit", "CancelledError", "BaseExceptionGroup")


@pytest.mark.parametrize("end", [SystemExit, KeyboardInterrupt])
@pytest.mark.parametrize("concurrency", [1, None])
@pytest.mark.parametrize("kind", ["generator", "async generator"])
def test_what_ends_the_program_while_what_calls_share_is_torn_down_passes(
    kind: str, concurrency: int | None, end: type[BaseException]
) -> None:
    app = App()

    def transaction() -> Generator[None, None, None]:
        yield
        raise end(3)

    async def transaction_async() -> AsyncGenerator[None, None]:
        yield
        raise end(3)

    made = transaction if kind == "generator" else transaction_async

    @app.on(BatchTrigger(concurrency=concurrency))
    def handler(_made: Annotated[None, Depends(made, scope="invocation")]) -> None: ...

    for _ in range(2):  # the second event finds the environment started
        with pytest.raises(end):
            app.complete(batch("a", "b"), LambdaContext(60))
