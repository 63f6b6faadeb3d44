"""Cognito Sync: a handler for every synchronisation of a dataset, which may change its records.

::

    @app.cognito_sync("settings")
    def settings(event: CognitoSyncEvent) -> None:
        event.records["volume"]["op"] = "replace"
        event.records["volume"]["newValue"] = "11"

`dataset` is a name or a glob, or a list of them; others pass unchanged. What Cognito gets is the event with its
records, or with those that the handler returns.

Delivery: synchronous, within 5 seconds. A handler that raises fails the synchronisation; an event without any route
raises. (AWS AppSync and Amplify have taken the place of Cognito Sync for new apps.)
https://docs.aws.amazon.com/cognito/latest/developerguide/cognito-events.html
"""

from __future__ import annotations

from lambdarouter.core.check import check_characters
from lambdarouter.core.conversion import json_object
from lambdarouter.core.single import FilterTrigger, SingleRecord, SynchronousSource, plain
from lambdarouter.core.view import field, kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Unpack

    from lambdarouter.core.route import Match, Outcome
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["CognitoSyncEvent", "CognitoSyncSource", "CognitoSyncTrigger"]


class CognitoSyncEvent(SingleRecord):
    """A synchronisation of one identity's dataset."""

    _id_path = ("identityId",)

    event_type: str = field("eventType", default="SyncTrigger")
    region: str = field("region", default="")
    identity_pool_id: str = field("identityPoolId", default="")
    identity_id: str = field("identityId", default="")
    dataset: str = field("datasetName", default="")
    # Key to {"oldValue", "newValue", "op"}: a copy, and what Cognito gets.
    records: dict[str, dict[str, Any]] = field("datasetRecords", of=json_object, default=dict)


class CognitoSyncSource(SynchronousSource):
    """Synchronisations: one handler, the event with its records."""

    names: tuple[str, ...] = ("cognito.sync",)
    decorator = "@app.cognito_sync(dataset)"
    record: type[View] = CognitoSyncEvent

    def origin(self, record: CognitoSyncEvent) -> str:
        """The dataset."""
        return f"the Cognito Sync dataset {record.dataset!r}"

    def result(self, match: Match, value: Any) -> dict[str, Any]:
        """The records: those of the event, or what the handler returned."""
        records = plain(match.record.records if value is None else value)
        if not isinstance(records, dict):
            msg = f"the handler returned {kind_of(records)}; it returns the dataset's records, or None"
            raise TypeError(msg)
        return records

    def reply(self, event: CognitoSyncEvent, outcome: Outcome) -> dict[str, Any]:
        """The event, with the records."""
        return event.raw if outcome.status == "declined" else {**event.raw, "datasetRecords": outcome.value}


class CognitoSyncTrigger(FilterTrigger):
    """`@app.cognito_sync("settings")`: run when this dataset is synchronised.

    `dataset`: a name or a glob, or a list of them; without, every dataset. `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = CognitoSyncSource

    def __init__(self, dataset: str | Sequence[str] | None = None, **shared: Unpack[Shared]) -> None:
        super().__init__({}, {"dataset": dataset}, **shared)
        check_characters("dataset", dataset, "_.:-")
