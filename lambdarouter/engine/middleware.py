"""Middleware: generators that yield once, around each call of every source.

::

    @app.middleware
    def timed(call):
        start = perf_counter()
        yield  # the handler runs here; its value is then in call.reply
        print(call.source, perf_counter() - start)

Sync or async, for sync and async handlers alike. A middleware may answer without yielding (`call.reply = ...; return`),
change `call.reply` after its yield, and catch or change the error that is raised at its yield. Neither to yield nor to
answer is an error.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Sequence
    from typing import Any

    from lambdarouter.core.invocation import Call, Middleware
    from lambdarouter.engine.drive import Here

__all__ = ["through"]


async def through(chain: Sequence[Middleware], call: Call, perform: Callable[[], Awaitable[Any]], here: Here) -> Any:
    """Make the call inside its middleware, outermost first, and return the reply."""
    entered: list[Any] = []
    failure: BaseException | None = None
    try:
        for middleware in chain:
            layer = middleware(call)
            call.answered = False
            if not await _step(layer, None, here):
                _check_answered(layer, call)
                break
            entered.append(layer)
        else:
            call.reply = await perform()
    except BaseException as error:  # noqa: BLE001 - a deadline's interruption, too, passes through every layer
        failure = error
    for layer in reversed(entered):
        try:
            again = await _step(layer, failure, here)
        except BaseException as error:  # noqa: BLE001
            failure = error
        else:
            if again:
                failure = RuntimeError(f"the middleware {_name(layer)} yielded twice")
            elif isinstance(failure, Exception):
                failure = None  # met and answered
    if failure is not None:
        try:
            raise failure
        finally:
            del failure  # its frames would hold it
    return call.reply


def _check_answered(layer: Any, call: Call) -> None:
    """Raise where a layer neither yielded nor answered: of a queue's message, silence would say that it is done."""
    if not call.answered:
        msg = (
            f"the middleware {_name(layer)} ended without its yield, and without an answer: let it `yield` where the "
            "call is to be made, and set `call.reply` (to None, if that is it) where it is not"
        )
        raise RuntimeError(msg)


def _name(layer: Any) -> Any:
    return getattr(layer, "__qualname__", layer)


async def _step(layer: Any, failure: BaseException | None, here: Here) -> bool:
    """Run a layer to its next yield, or throw the failure in at its yield. False: it has ended."""
    try:
        if hasattr(layer, "__anext__"):
            await here.loop()
            try:
                await (layer.__anext__() if failure is None else layer.athrow(failure))
            except StopAsyncIteration:
                return False
            return True
        try:
            if failure is None:
                next(layer)
            else:
                layer.throw(failure)
        except StopIteration:
            return False
        return True
    finally:
        del failure  # as above
