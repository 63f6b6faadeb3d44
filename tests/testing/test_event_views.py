"""From a builder through `classify` to the view that handlers get: what was put in comes out."""

from __future__ import annotations

import inspect
import json
from collections.abc import Callable
from operator import attrgetter
from typing import Any

import pytest

from lambdarouter import classify
from lambdarouter.sources import source_of
from lambdarouter.testing.events import BUILDERS
from tests.testing.trips import batches, requests, services

TRIPS = requests.TRIPS | batches.TRIPS | services.TRIPS


def test_every_builder_makes_the_trip_with_all_its_arguments() -> None:
    given = {
        name: set(inspect.signature(BUILDERS[name]).bind(*trip.args, **trip.kwargs).arguments)
        for name, trip in TRIPS.items()
    }
    wanted = {name: set(inspect.signature(build).parameters) for name, build in BUILDERS.items()}

    assert given == {name: wanted[name] - TRIPS[name].without.keys() for name in wanted}


@pytest.mark.parametrize("name", TRIPS)
def test_what_is_put_into_a_builder_is_what_a_handler_reads(name: str) -> None:
    trip = TRIPS[name]
    event = json.loads(json.dumps(BUILDERS[name](*trip.args, **trip.kwargs)))
    kind = source_of(classify(event))
    assert kind is not None
    source = kind()
    view = source.parse(event, classify(event))
    record = next(iter(source.split(view)))

    assert classify(event) == name
    assert {what: seen(what, record, view) for what in trip.reads} == trip.reads


def seen(what: str | Callable[[Any], Any], record: Any, view: Any) -> Any:
    """What a record has, or the event where the record has no such attribute; keys of its mappings after a dot."""
    if callable(what):
        return what(record)
    name, _, key = what.partition(".")
    found = attrgetter(name)(record if hasattr(type(record), name) else view)
    return found if not key else found[key] if isinstance(found, dict) else getattr(found, key)
