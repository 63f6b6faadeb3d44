"""The routes whose events come inside another source's records (`via=`), and the unwrapping.

A declared envelope is opened; what is in it is classified by the same table as any event, and has to be of a source
that some route declares there. What fails is the outer record, which is what AWS delivers again.
"""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.route import Match, Outcome
from lambdarouter.core.source import Source
from lambdarouter.core.view import kind_of
from lambdarouter.engine.classify import classify
from lambdarouter.errors import InvalidPayloadError, LambdarouterError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from lambdarouter.core.route import Route
    from lambdarouter.core.view import Record

__all__ = ["Envelopes"]


class Envelopes:
    """The routes that one source's records may hold events for."""

    __slots__ = ("_sources", "routes")

    def __init__(self) -> None:
        self.routes: list[Route] = []
        self._sources: dict[type[Source], Source] = {}

    def add(self, route: Route) -> None:
        """Take in a route with hops."""
        self.routes.append(route)

    def match(self, record: Record) -> list[Match | Outcome] | None:
        """The calls for what the record holds, or None where no route declares that it holds anything."""
        routes = [route for route in self.routes if route.hops[0].claims(record)]
        return self._open(record, routes, 0) if routes else None

    def _open(self, record: Record, routes: list[Route], depth: int) -> list[Match | Outcome]:
        """What `record`, which is of the routes' hop at `depth`, holds for them."""
        payload = routes[0].hops[depth].source.payload or ""
        try:
            content = getattr(record, payload)
            if isinstance(content, (str, bytes)):
                content = codec.decode(content, payload)
        except LambdarouterError as error:
            return [Outcome(record, routes[0], error=error)]
        # Routes of one source may be that deep and end there, or go on.
        for kind in dict.fromkeys(_source_at(route, depth + 1) for route in routes):
            source = self._sources.setdefault(kind, kind())
            event = source.enclosed(content)
            name = classify(event) if event is not None else ""
            if name in source.names or name in source.adopts:
                inner = [route for route in routes if _source_at(route, depth + 1) is kind]
                return self._inside(source, source.split(source.parse(event, name)), record, inner, depth + 1)
        expected = ", ".join(dict.fromkeys(_source_at(route, depth + 1).names[0] for route in routes))
        msg = (
            f"{record.locate(payload)} holds {kind_of(content)} that is no event of {expected}, though via= says so; "
            "with SNS's raw message delivery there is no hop for the topic"
        )
        return [Outcome(record, routes[0], error=InvalidPayloadError(msg))]

    def _inside(
        self, source: Source, records: Sequence[Record], outer: Record, routes: list[Route], depth: int
    ) -> list[Match | Outcome]:
        items: list[Match | Outcome] = []
        for record in records:
            record.enclose(outer)
            try:
                items += self._one(source, record, routes, depth)
            except Exception as error:  # noqa: BLE001 - a filter may be user code
                items.append(Outcome(record, routes[0], error=error))
        if not items:
            msg = f"{outer.locate()} holds an event without any record"
            return [Outcome(outer, routes[0], error=InvalidPayloadError(msg))]
        return items

    def _one(self, source: Source, record: Record, routes: list[Route], depth: int) -> Sequence[Match | Outcome]:
        ends = [route for route in routes if len(route.hops) == depth]
        if ends and getattr(record, "is_test", False):
            return source.match(record, ends)
        items: list[Match | Outcome] = []
        if any(route.trigger.claims(record) for route in ends):
            items += source.match(record, ends)
        on = [route for route in routes if len(route.hops) > depth and route.hops[depth].claims(record)]
        if on:
            items += self._open(record, on, depth)
        # Not the room's own rule: SES's mail that nobody wants is fine, a message that nobody can read is not.
        return items or [Source.unclaimed(source, record, ends or routes)]


def _source_at(route: Route, depth: int) -> type[Source]:
    return route.trigger.source if len(route.hops) == depth else route.hops[depth].source
