"""The schemas of an OpenAPI document: collected while it is written, and filled in at its end.

Only when all are known does pydantic give them their names.
"""

from __future__ import annotations

from lambdarouter.core import binding

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any, Literal

    # What is done with a schema once it is there.
    Then = Callable[[dict[str, Any]], None]

__all__ = ["Schemas"]

_COMPONENTS = "#/components/schemas/"
# RFC 9457, with what `problem` adds.
_PROBLEM: dict[str, Any] = {
    "title": "Problem",
    "type": "object",
    "required": ["title", "status"],
    "properties": {
        "title": {"type": "string", "description": "The status in words."},
        "status": {"type": "integer"},
        "detail": {"type": "string", "description": "What is wrong with this request."},
        "errors": {
            "type": "array",
            "description": "Each reason: where it is, what it is.",
            "items": {
                "type": "object",
                "required": ["loc", "msg", "type"],
                "properties": {
                    "loc": {"type": "array", "items": {"type": ["string", "integer"]}},
                    "msg": {"type": "string"},
                    "type": {"type": "string"},
                },
            },
        },
        "request_id": {"type": "string", "description": "Of a status from 500 on: finds the line in the log."},
    },
}


class Schemas:
    """The schemas that the document wants: each is filled in once all are known, as only then names are."""

    def __init__(self) -> None:
        self._wanted: list[tuple[Any, Literal["validation", "serialization"], str]] = []
        self._slots: list[tuple[dict[str, Any], Then | None]] = []
        self._problems: list[dict[str, Any]] = []
        self._last: list[Callable[[], None]] = []
        self._shared: dict[str, Any] = {}

    def of(self, annotation: Any, place: str, *, written: bool = False, then: Then | None = None) -> dict[str, Any]:
        """The slot of a schema: as the type is read, or `written`. `then` is called with the filled slot."""
        slot: dict[str, Any] = {}
        self._wanted.append((annotation, "serialization" if written else "validation", place))
        self._slots.append((slot, then))
        return slot

    def of_problem(self) -> dict[str, Any]:
        """The slot of the schema that error replies have."""
        slot: dict[str, Any] = {}
        self._problems.append(slot)
        return slot

    def at_last(self, finish: Callable[[], None]) -> None:
        """Call this when every slot is filled."""
        self._last.append(finish)

    def resolve(self, schema: dict[str, Any]) -> dict[str, Any]:
        """The schema that a filled slot refers to, or itself."""
        found: dict[str, Any] = self._shared[schema["$ref"].removeprefix(_COMPONENTS)] if "$ref" in schema else schema
        return found

    def fill(self) -> dict[str, Any]:
        """Fill every slot, and return the components that they refer to."""
        found, shared = binding.json_schemas(self._wanted, _COMPONENTS + "{model}")
        self._shared = shared
        for (slot, then), schema in zip(self._slots, found, strict=True):
            slot.update(schema)
            if then is not None:
                then(slot)
        for finish in self._last:
            finish()
        # A model of the app's own keeps its name.
        name = next(name for name in ("Problem", "HttpProblem", "lambdarouter.Problem") if name not in shared)
        for slot in self._problems:
            slot["$ref"] = _COMPONENTS + name
        return shared | {name: _PROBLEM} if self._problems else shared
