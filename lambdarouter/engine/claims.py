"""Everybody who would take an event, where `classify` answers with the first: for tests in strict mode."""

from __future__ import annotations

from lambdarouter.engine.classify import (
    _CALLERS,
    _HOOKS,
    _RECORD_PAYLOADS,
    _appsync,
    _authorizer,
    _bus,
    _cognito,
    _first,
    _lattice_v1,
    _polled,
    _records,
    _registry,
    _request,
    _telemetry,
    classify,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from lambdarouter.core.source import Source

__all__ = ["claims"]

_GROUPS = (
    *(_records, _polled, _authorizer, _request, _lattice_v1, _appsync, _bus, _telemetry, _cognito, _registry),
    *(lambda event, row=row: _first((row,), event) for rules in (_CALLERS, _HOOKS) for row in rules),
)
_PAYLOADS = {"cf": "cloudfront", "Sns": "sns", **{key: key for key in _RECORD_PAYLOADS}}
# Who is meant to come first: an authorizer is asked about a request, and these two say more than the others.
_REQUESTS = ("http.rest", "http.v2", "http.url", "http.alb", "websocket")
_NARROWER = {
    "authorizer.request_v1": _REQUESTS,
    "authorizer.request_v2": _REQUESTS,
    "authorizer.websocket": _REQUESTS,
    "destination.stream": ("destination",),
    "sagemaker.consolidation": ("sagemaker.prehuman",),
}


def claims(event: Any, sources: Iterable[Source] = ()) -> list[str]:
    """The names under which an event would be taken, if each rule and each of an app's `sources` were alone.

    The first is what `classify` says, unless it is "invoke": that is what nobody claims, and is not among them.
    """
    found = [*_names(event), *(_name(source) for source in sources if source.recognises(event))]
    beaten = {name for winner in found for name in _NARROWER.get(winner, ())}
    return list(dict.fromkeys(name for name in found if name not in beaten))


def _names(event: Any) -> Iterator[str]:
    name = classify(event)
    if name != "invoke":
        yield name
    if not isinstance(event, dict):
        return
    for group in _GROUPS:
        also = group(event)
        if also is not None:
            yield also
    records = event.get("Records")
    if isinstance(records, list) and records and isinstance(records[0], dict):
        yield from (name for key, name in _PAYLOADS.items() if records[0].get(key) is not None)


def _name(source: Source) -> str:
    return f"{source.names[0] if source.names else source.decorator} ({type(source).__name__})"
