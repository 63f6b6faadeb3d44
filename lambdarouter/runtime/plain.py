"""Any `handler(event, context)`, with what an `App` has: async, and an answer before the deadline."""

from __future__ import annotations

from contextvars import copy_context

from lambdarouter.core.context import Context
from lambdarouter.core.route import Completion
from lambdarouter.engine.attempt import is_ours, own_cancellation
from lambdarouter.engine.deadline import Deadline, Interrupted
from lambdarouter.engine.drive import Here, run_without_loop
from lambdarouter.errors import DeadlineExceeded

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any

__all__ = ["Plain"]

_MARGIN = 0.1  # seconds, as App has it


class Plain:
    """A handler function, called as an `App` is."""

    def __init__(self, handler: Callable[[Any, Any], Any]) -> None:
        self.handler = handler
        # Something could not be stopped at a deadline and still runs.
        self.tainted = False

    def start(self) -> None:
        """There is nothing to start."""

    def complete(self, event: Any, context: Any) -> Completion:
        """Call the handler; an awaitable that it returns is awaited in the environment's event loop."""
        deadline = Deadline(Context(context), _MARGIN)
        deadline.start()
        try:
            deadline.inside = True
            value = self.handler(event, context)
            if hasattr(value, "__await__"):
                value = self._drive(value, deadline)
            return Completion("handler", reply=value)
        except Interrupted:
            return Completion("handler", error=_late())
        except Exception as error:  # noqa: BLE001 - the handler's, for Lambda to see
            return Completion("handler", error=error)
        finally:
            deadline.inside = False
            deadline.finish()

    def _drive(self, awaitable: Any, deadline: Deadline) -> Any:
        from lambdarouter.engine.loop import drive  # noqa: PLC0415 - asyncio: only where it is needed

        deadline.inside = False
        coroutine = _awaited(awaitable, deadline, Here(driven=True))
        context = copy_context()
        context.run(run_without_loop, coroutine)
        return drive(coroutine, context, deadline, self._abandon)

    def _abandon(self) -> Any:
        self.tainted = True
        raise _late()


async def _awaited(awaitable: Any, deadline: Deadline, here: Here) -> Any:
    await here.loop(awaitable)
    try:
        return await awaitable
    except BaseException as error:
        if is_ours(error, deadline):
            raise _late() from None
        failure = own_cancellation(error)
        if failure is None:
            raise
        raise failure from error


def _late() -> DeadlineExceeded:
    return DeadlineExceeded(f"the handler was not done {_MARGIN:g} s before the invocation's deadline")
