"""A third-party source: events with a parcel, answered with what the handler returns."""

from __future__ import annotations

from typing import Any

from lambdarouter import Source, Trigger

__all__ = ["ParcelSource", "ParcelTrigger"]


class ParcelSource(Source):
    names = ("parcel",)

    def recognises(self, event: Any) -> bool:
        return isinstance(event, dict) and "parcel" in event

    def split(self, event: Any) -> list[Any]:
        return [self.record(event.raw)]

    def respond(self, event: Any, outcomes: Any) -> Any:
        return outcomes[0].value


class ParcelTrigger(Trigger):
    source = ParcelSource
