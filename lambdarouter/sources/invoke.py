"""Direct invocations: handlers for what no event source of AWS sends.

::

    @app.invoke()
    def refund(order: Order) -> Order: ...


    @app.invoke(when=lambda payload: payload.get("task") == "sweep")
    def sweep(payload: dict) -> None: ...

The Invoke API, a state machine, a schedule or a rule with an input of its own, an IoT rule: each sends whatever its
author wrote. So the handler is found by the payload: one with `when=` takes what the predicate says, one whose
parameter is a model (or another type that JSON is validated into) takes what fits it, and one that takes any payload,
of which an app may have one, gets the rest. The first in order of registration wins. Nothing but an explicit
`@app.invoke` runs.

Delivery: as the caller invokes. A synchronous caller gets the handler's value as JSON, or the error; an asynchronous
invocation that raises is repeated (twice by default). A handler that yields streams, where the caller takes a stream.
https://docs.aws.amazon.com/lambda/latest/dg/lambda-invocation.html
"""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.route import Match, Outcome, Routes
from lambdarouter.core.scalar import members_of
from lambdarouter.core.single import SingleRecord, SynchronousSource, plain
from lambdarouter.core.stream import Chunks, Stream
from lambdarouter.core.trigger import Trigger
from lambdarouter.core.value import value_converter
from lambdarouter.core.view import kind_of
from lambdarouter.errors import ConfigurationError, InvalidPayloadError, UnknownEventError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from typing import Any, Unpack

    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Registry, Route
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["InvokeEvent", "InvokeRoutes", "InvokeSource", "InvokeTrigger"]


class InvokeEvent(SingleRecord):
    """One invocation. `payload` is what the caller sent: any JSON value."""

    @property
    def payload(self) -> Any:
        """The whole of what was sent."""
        return self.raw


class InvokeRoutes(Routes):
    """The handlers that say which payloads they take, in order of registration, and the one that takes the rest."""

    __slots__ = ("by_payload", "last")

    def __init__(self, registry: Registry) -> None:
        super().__init__(registry)
        self.by_payload: list[tuple[Route, Callable[[Any], bool]]] = []
        self.last: Route | None = None

    def add(self, route: Route) -> None:
        """Take a route in. Raises `ConfigurationError` for a second one that takes everything."""
        when: Callable[[Any], bool] | None = route.trigger.when  # type: ignore[attr-defined] # an InvokeTrigger
        takes = when or _fits(route)
        if takes is not None:
            self.by_payload.append((route, takes))
        elif self.last is None:
            self.last = route
        else:
            msg = (
                f"{self.last.place} already takes any payload, so this handler would never run: give one of them "
                "when=, or a model as its parameter"
            )
            raise ConfigurationError(msg)
        super().add(route)


def _fits(route: Route) -> Callable[[Any], bool] | None:
    """Whether a payload fits the handler's parameter; None where any payload does."""
    parameter = next((each for each in route.handler.parameters if each.where == "payload"), None)
    if parameter is None or _is_open(parameter):
        return None
    convert = value_converter(parameter, "payload")

    def fits(payload: Any) -> bool:
        try:
            convert(payload)
        except InvalidPayloadError:
            return False
        return True

    return fits


def _is_open(parameter: Parameter) -> bool:
    """Whether the annotation says nothing of a payload's shape, as `dict`, `str` and `Any` do."""
    if parameter.declared is not parameter.annotation:
        return False  # it has constraints
    bases = [getattr(member, "__origin__", member) for member in members_of(parameter.annotation)]
    return any(base in (dict, str, bytes, object) or getattr(base, "__name__", "") == "Any" for base in bases)


class InvokeSource(SynchronousSource):
    """Direct invocations: the one handler that takes the payload, its value as JSON."""

    names: tuple[str, ...] = ("invoke",)
    decorator = "@app.invoke()"
    record: type[View] = InvokeEvent
    routes: type[Routes] = InvokeRoutes
    value: str | None = "payload"
    streams = True

    def match(self, record: InvokeEvent, routes: InvokeRoutes) -> Sequence[Match | Outcome]:
        """The first handler that says it takes the payload, else the one that takes the rest."""
        for route, takes in routes.by_payload:
            if takes(record.payload):
                return (Match(route, record),)
        if routes.last is not None:
            return (Match(routes.last, record),)
        if len(routes.by_payload) == 1 and routes.by_payload[0][0].trigger.when is None:  # type: ignore[attr-defined]
            # Meant for it, by all appearances: its own error says what does not fit.
            return (Match(routes.by_payload[0][0], record),)
        return (self.unclaimed(record, routes),)

    def unclaimed(self, record: InvokeEvent, routes: Any) -> Outcome:
        """What was seen, and how to have it handled."""
        known = f" (its handlers take {', '.join(route.trigger.describe() or route.name for route in routes)})"
        msg = (
            f"nothing was run: no event source of AWS or of this app sends {_seen(record.payload)}. An AWS event must "
            f"be whole to be known; for a direct invocation, register a handler with {self.decorator}"
            f"{known if len(routes) else ''}; for an event of your own, a source that recognises it with @app.on(...)"
        )
        return Outcome(record, error=UnknownEventError(msg))

    def result(self, match: Match, value: Any) -> Any:
        """The value as plain JSON; of a handler that yields, its chunks: text, bytes, or a line of JSON each."""
        if not isinstance(value, Chunks):
            return plain(value)
        if value.first is not None and not isinstance(value.first, (str, bytes, bytearray, memoryview)):
            value.written(lambda piece: f"{codec.encode(piece)}\n".encode())
        return value

    def reply(self, event: Any, outcome: Outcome) -> Any:
        """The value, or the stream."""
        if isinstance(outcome.value, Chunks):
            return Stream(None, outcome.value, _whole)
        return super().reply(event, outcome)


def _whole(body: bytes) -> str:
    """What was yielded, for a caller that takes no stream. Raises TypeError for bytes that are no text."""
    try:
        return body.decode()
    except UnicodeDecodeError as error:
        msg = "the handler yielded bytes that are no UTF-8: only a caller that takes a stream can receive them"
        raise TypeError(msg) from error


def _seen(payload: Any) -> str:
    seen = kind_of(payload)
    if isinstance(payload, dict):
        keys = ", ".join(map(repr, list(payload)[:8])) or "no keys"
        seen += f" with {keys}{' …' if len(payload) > 8 else ''}"  # noqa: PLR2004 - enough to recognise it by
    return seen


class InvokeTrigger(Trigger):
    """`@app.invoke()`: run for direct invocations.

    `when`: a predicate of the payload, which may be any JSON value. Without it, a handler whose parameter is a model
    takes the payloads that fit, and one that takes any payload gets those that no other handler took. `shared`: the
    options of every trigger.
    """

    __slots__ = ("when",)

    source: type[Source] = InvokeSource

    def __init__(self, *, when: Callable[[Any], bool] | None = None, **shared: Unpack[Shared]) -> None:
        super().__init__(**shared)
        if when is not None and not callable(when):
            msg = f"when is {when!r}; it is a function of the payload that says whether the handler takes it"
            raise ConfigurationError(msg)
        self.when: Callable[[Any], bool] | None = when

    def describe(self) -> str:
        """The predicate, by name."""
        return "" if self.when is None else f"when={getattr(self.when, '__name__', repr(self.when))}"
