"""CloudWatch Logs: a handler for every log event of a subscription.

::

    @app.logs("/aws/lambda/*", stream="*LATEST*")
    def seen(line: str, event: LogEvent) -> None: ...

`group` is a log group's name or a glob; `stream` (a log stream's) declines others. One parameter takes the message:
`str` as it came, anything else as validated JSON. `LogEvent` and `LogsEvent` are passed by their type.

Delivery: asynchronous, at least once, in batches, compressed. All matching handlers run and are joined; if any raises,
the invocation fails, and Lambda runs all of them again (twice by default). A log group that no route names fails the
invocation. The control message that CloudWatch sends to see whether the function is there is fine. More than 64 MiB of
decompressed data is refused.
https://docs.aws.amazon.com/AmazonCloudWatch/latest/logs/SubscriptionFilters.html
"""

from __future__ import annotations

from binascii import Error as Base64Error, a2b_base64

from lambdarouter.core import codec
from lambdarouter.core.batch import BatchSource, BatchTrigger
from lambdarouter.core.check import check_characters
from lambdarouter.core.conversion import milliseconds_since_1970
from lambdarouter.core.pattern import Patterns
from lambdarouter.core.view import Event, Record, field
from lambdarouter.errors import InvalidEventError, MalformedPayloadError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from datetime import datetime
    from typing import Any, Unpack

    from lambdarouter.core.batch import BatchShared
    from lambdarouter.core.source import Source
    from lambdarouter.core.view import View

__all__ = ["LogEvent", "LogsEvent", "LogsSource", "LogsTrigger"]

_MOST = 64 * 1024 * 1024
_GZIP = 31  # zlib's number for a gzip header around the largest window


class LogEvent(Record):
    """One log event. Its `group`, `stream` and `owner` are those of the batch."""

    event_id: str = field("id", default="")
    message: str = field("message")
    time: datetime = field("timestamp", of=milliseconds_since_1970)
    # What a filter pattern with named fields found.
    extracted: dict[str, Any] = field("extractedFields", of=dict, default=dict)
    group = ""
    stream = ""
    owner = ""

    @property
    def id(self) -> str:
        """CloudWatch's id of the log event."""
        return self.peek("id") or self.locate()


class LogsEvent(Event):
    """A batch of one log stream."""

    data: str = field("awslogs", "data")
    _content: Any = None

    @property
    def content(self) -> dict[str, Any]:
        """What is compressed in the event: logGroup, logStream, owner, subscriptionFilters, messageType, logEvents."""
        if self._content is None:
            self._content = self._decompressed()
        content: dict[str, Any] = self._content
        return content

    def _decompressed(self) -> Any:
        import zlib  # noqa: PLC0415 - only for this source

        where = self.locate("awslogs", "data")
        try:
            reader = zlib.decompressobj(_GZIP)
            # Bounded: a kilobyte can hold a megabyte of zeros.
            text = reader.decompress(a2b_base64(self.data, strict_mode=True), _MOST)
        except (Base64Error, ValueError, zlib.error) as error:
            msg = f"{where} is no gzipped data in base64: {error}"
            raise InvalidEventError(msg) from error
        if not reader.eof:
            what = "is cut off" if not reader.unconsumed_tail else f"holds more than {_MOST} bytes"
            msg = f"{where} {what}"
            raise InvalidEventError(msg)
        try:
            content = codec.decode(text, "awslogs.data")
        except (MalformedPayloadError, UnicodeDecodeError) as error:
            raise InvalidEventError(str(error)) from error
        if not isinstance(content, dict) or not isinstance(content.get("logEvents"), list):
            msg = f"{where} holds no logEvents"
            raise InvalidEventError(msg)
        return content


class LogsSource(BatchSource):
    """Log events: all matching handlers, null or an error."""

    names: tuple[str, ...] = ("logs",)
    decorator = "@app.logs(group)"
    event: type[Event] = LogsEvent
    record: type[View] = LogEvent
    payload: str | None = "message"

    def split(self, event: LogsEvent) -> Sequence[LogEvent]:
        """One record for each log event; none of a control message."""
        content = event.content
        if content.get("messageType") == "CONTROL_MESSAGE":
            return []
        records = [LogEvent(raw, "logEvents", index) for index, raw in enumerate(content["logEvents"])]
        group, stream, owner = (str(content.get(key) or "") for key in ("logGroup", "logStream", "owner"))
        for record in records:
            record.group, record.stream, record.owner = group, stream, owner
        return records

    def origin(self, record: LogEvent) -> str:
        """The log group."""
        return f"the log group {record.group!r}"


class LogsTrigger(BatchTrigger):
    """`@app.logs("/aws/lambda/orders")`: run for the log events of this group.

    `group`: a name or a glob, or a list of them. `stream`: a log stream's name or a glob, or a list of them. `shared`:
    the options of every trigger of batches.
    """

    __slots__ = ("_groups", "_streams")

    source: type[Source] = LogsSource

    def __init__(
        self,
        group: str | Sequence[str],
        *,
        stream: str | Sequence[str] | None = None,
        **shared: Unpack[BatchShared],
    ) -> None:
        super().__init__(**shared)
        self._groups = Patterns(group, "group")
        check_characters("group", group, "-_/.#")
        self._streams = None if stream is None else Patterns(stream, "stream")

    def claims(self, record: LogEvent) -> bool:
        """By the log group's name."""
        return self._groups.match(record.group)

    def declines(self, record: LogEvent) -> str | None:
        """By the log stream."""
        if self._streams is None or self._streams.match(record.stream):
            return None
        return f"the log stream is {record.stream!r}, not {self._streams.text}"

    def describe(self) -> str:
        """The group, and the stream."""
        return self._groups.text if self._streams is None else f"{self._groups.text} stream={self._streams.text}"
