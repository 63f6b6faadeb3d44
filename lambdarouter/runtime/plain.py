"""Any `handler(event, context)`, with what an `App` has: async, streams, and an answer before the deadline."""

from __future__ import annotations

from lambdarouter.core.context import end_of
from lambdarouter.engine.deadline import Deadline, Interrupted
from lambdarouter.errors import DeadlineExceeded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

    from anyio import CapacityLimiter

    from lambdarouter.core.stream import Sink
    from lambdarouter.runtime.loop import Completed

__all__ = ["Plain"]

_MARGIN = 0.1  # seconds, as App has it


class Plain:
    """A handler function, called as an `App` is.

    What it yields, or a generator that it returns, is a stream; a first dict with a "statusCode" is the head of an HTTP
    reply. Where nothing streams, the pieces are gathered.
    """

    def __init__(self, handler: Callable[[Any, Any], Any]) -> None:
        self.handler = handler
        # Something could not be stopped at a deadline and still runs.
        self.tainted: bool = False

    # There is nothing to tear down.
    has_teardown = False

    def start(self) -> None:
        """There is nothing to start."""

    def close(self) -> None:
        """Nor to close."""

    def __call__(self, event: Any, context: Any, *, sink: Sink | None = None) -> Any:
        """Call the handler; what awaits is awaited in the environment's event loop."""
        deadline = Deadline(end_of(context), _MARGIN)
        deadline.start()
        try:
            deadline.inside = True
            value = self.handler(event, context)
            if type(value) is not dict and (
                hasattr(value, "__await__") or hasattr(value, "__next__") or hasattr(value, "__anext__")
            ):
                from lambdarouter.runtime.awaiting import go_on  # noqa: PLC0415 - a plain reply needs none of it

                value = go_on(value, context, deadline, sink, _late).unwrap()
            return value
        except Interrupted:
            raise _late() from None
        finally:
            deadline.inside = False
            deadline.finish()
            self.tainted = self.tainted or deadline.left_behind

    async def acomplete(
        self, event: Any, context: Any, *, sink: Sink | None = None, threads: CapacityLimiter | None = None
    ) -> Completed:
        """The completion of a call in the running event loop; with `threads`, what blocks runs in one of them."""
        from lambdarouter.runtime.awaiting import complete  # noqa: PLC0415 - as above

        deadline = Deadline(end_of(context), _MARGIN)
        try:
            done = complete(self.handler, event, context, deadline=deadline, sink=sink, threads=threads, late=_late)
            return await done  # type: ignore[no-any-return]
        finally:
            self.tainted = self.tainted or deadline.left_behind


def _late() -> DeadlineExceeded:
    return DeadlineExceeded(f"the handler was not done {_MARGIN:g} s before the invocation's deadline")
