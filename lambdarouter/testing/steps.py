"""What a test sends, as steps: a generator that yields invocations and is sent what came of each.

A generator knows nothing of event loops. `TestClient` takes the steps one after the other, `AsyncTestClient` awaits
each; so whatever needs several invocations (redirects, a clock that goes on) is written once.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Generator
from typing import Any, Generic, TypeAlias, TypeVar, overload

from lambdarouter.testing.result import Result

TYPE_CHECKING = False
if TYPE_CHECKING:
    from lambdarouter.core.stream import Sink
    from lambdarouter.testing.response import Response
    from lambdarouter.testing.result import Decision

__all__ = ["DecisionT", "Driven", "ResponseT", "ResultT", "Step", "Steps", "single"]

T = TypeVar("T")
ResultT = TypeVar("ResultT")
ResponseT = TypeVar("ResponseT")
DecisionT = TypeVar("DecisionT")


class Step:
    """One invocation to make: without a `context` of its own, with one of the client's.

    `sink`: where a streamed reply goes, of a front end that streams.
    """

    __slots__ = ("context", "event", "sink")

    def __init__(self, event: Any, context: Any = None, sink: Sink | None = None) -> None:
        self.event: Any = event
        self.context: Any = context
        self.sink: Sink | None = sink


Steps: TypeAlias = Generator[Step, Result, T]


def single(event: Any, context: Any = None) -> Steps[Result]:
    """The one step that most calls are."""
    return (yield Step(event, context))


class Driven(ABC, Generic[ResultT, ResponseT, DecisionT]):
    """Who can take steps. What `drive` gives back is what a call of a client does: a result, or a coroutine of one."""

    @overload
    def drive(self, steps: Steps[Decision]) -> DecisionT: ...
    @overload
    def drive(self, steps: Steps[Response]) -> ResponseT: ...
    @overload
    def drive(self, steps: Steps[Result]) -> ResultT: ...
    @abstractmethod
    def drive(self, steps: Any) -> Any:
        """Take the steps, and return what the generator returns."""
