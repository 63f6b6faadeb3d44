"""Exception handlers: an answer in the place of a call's error."""

from __future__ import annotations

from lambdarouter.core.route import Match, Outcome

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from lambdarouter.core.stream import Chunks
    from lambdarouter.engine.drive import Here
    from lambdarouter.engine.work import Work

__all__ = ["rescue"]


async def rescue(
    work: Work, index: int, error: Exception, here: Here, pull: Callable[[Work, Chunks, Here], Awaitable[None]]
) -> None:
    """Let the exception handler that there is for an error answer. What it raises itself takes the error's place."""
    match = work.matches[index]
    route = match.route
    layers = (*(() if route is None else reversed(route.rescues)), work.rescues)
    handler = work.source.rescuer(error, layers)
    if handler is None:
        return
    failed = Match(route, match.record, Outcome(match.record, route, error=error))
    try:
        value = handler.call(failed, work)
        if type(value) is not handler.plain_type and handler.must_await(value):
            await here.loop(value)
            value = await value
        outcome = work.source.rescued(failed, value)
        chunks = getattr(outcome.value, "chunks", None)
        if chunks is not None:
            pulled = chunks.pulled
            await pull(work, chunks, here)
            if not pulled:
                outcome = work.source.rescued(failed, outcome.value)
        work.done[index] = outcome
    except Exception as failure:  # noqa: BLE001 - user code
        work.done[index] = Outcome(match.record, route, error=failure)  # by no name here: its frames would hold it
