"""Transformations: a record in, a record out, each under its id exactly once."""

from __future__ import annotations

from binascii import b2a_base64
from json import dumps

from lambdarouter.core import codec
from lambdarouter.core.batch import Dropped, PickingSource
from lambdarouter.core.route import Declined
from lambdarouter.errors import InvalidEventError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

    from lambdarouter.core.route import Match, Outcome
    from lambdarouter.core.view import Record

__all__ = ["TransformSource", "Transformed"]

# Lambda's limit of a reply is 6,291,556 bytes.
_MOST = 6_000_000
# What a result has around its data and its id: {"recordId":"","result":"ProcessingFailed","kafkaRecordValue":""},
# with the spaces of a runtime's encoder.
_AROUND = 80


class Transformed:
    """What a handler returns where the data alone does not say it.

    `data`: text, bytes, or what JSON can hold; None for the data as it came. `partition_keys`: for dynamic
    partitioning, names to texts. `drop`: leave the record out of what is delivered.
    """

    __slots__ = ("data", "drop", "partition_keys")

    def __init__(
        self, data: Any = None, *, partition_keys: Mapping[str, str] | None = None, drop: bool = False
    ) -> None:
        self.data: Any = data
        self.partition_keys: dict[str, str] | None = None if partition_keys is None else dict(partition_keys)
        self.drop: bool = drop


class TransformSource(PickingSource):
    """One handler for each record; the reply has a result for every id."""

    payload: str | None = "data"

    def result(self, match: Match, value: Any) -> Any:
        """The result as the reply will have it, so that what has no such form is the record's failure."""
        made = value if isinstance(value, Transformed) else Transformed(value)
        if made.drop:
            return {"result": "Dropped"}
        result: dict[str, Any] = {"result": "Ok"}
        if made.data is not None:
            result["data"] = _base64(made.data)
        if made.partition_keys is not None:
            keys = made.partition_keys
            if not all(isinstance(key, str) and isinstance(each, str) for key, each in keys.items()):
                msg = f"partition_keys is {keys!r}; it maps names to texts"
                raise TypeError(msg)
            result["metadata"] = {"partitionKeys": keys}
        return result

    def respond(self, event: Any, outcomes: Sequence[Outcome]) -> Any:
        """A result for every record, within the size that Lambda takes."""
        results = [self._one(outcome) for outcome in outcomes]
        room = _MOST - sum(_AROUND + len(result["recordId"]) for result in results)
        unfit: list[str] = []
        for result in results:
            name = "data" if "data" in result else "kafkaRecordValue"
            # As ASCII, which the runtime's encoder may make of it.
            size = len(result[name]) + (len(dumps(result["metadata"])) if "metadata" in result else 0)
            if size <= room:
                room -= size
                continue
            # Of what is not delivered, the service has the data itself.
            result[name] = ""
            if result["result"] == "Ok":
                result["result"] = self.failure
                result.pop("metadata", None)
                unfit.append(result["recordId"])
        if unfit:
            _log_unfit(unfit)
        return {"records": results}

    failure = "ProcessingFailed"

    def _one(self, outcome: Outcome) -> dict[str, Any]:
        record: Record = outcome.record
        identifier = record.peek("recordId")
        if identifier is None:
            msg = f"{record.locate('recordId')} is missing or null; no result can be told without"
            raise InvalidEventError(msg) from outcome.error
        # A stream that MSK feeds has its data under another name, in both directions.
        name = "data" if record.peek("kafkaRecordValue") is None else "kafkaRecordValue"
        came = record.peek(name) or ""
        if outcome.error is not None:
            return {"recordId": identifier, "result": self.failure, name: came}
        if isinstance(outcome, Dropped):
            return {"recordId": identifier, "result": "Dropped", name: came}
        if isinstance(outcome, Declined):
            return {"recordId": identifier, "result": "Ok", name: came}
        result = dict(outcome.value)
        return {"recordId": identifier, name: result.pop("data", came), **result}


def _log_unfit(records: list[str]) -> None:
    from lambdarouter.core.log import report  # noqa: PLC0415 - only where something went wrong

    message = "the reply is full, and records are reported failed: make the stream's buffer smaller"
    report(None, message, hurry=False, records=str(len(records)), first=records[0])


def _base64(data: Any) -> str:
    if isinstance(data, str):
        data = data.encode()
    elif not isinstance(data, (bytes, bytearray, memoryview)):
        data = codec.encode(data).encode()
    return b2a_base64(data, newline=False).decode("ascii")
