"""IVS Chat: a message review handler, which lets messages into a room, changes them, or keeps them out.

::

    @app.ivs_chat()
    def review(content: str, message: ChatMessage) -> str | Deny:
        return Deny(reason="too long") if len(content) > 200 else content

`room` is the room's ARN, or a glob, or a list of them. One parameter takes the content. The handler returns the content
that is delivered, a `ChatReview` with attributes, too, or a `Deny`, with a `reason` for the sender.

Delivery: synchronous, within 200 milliseconds. A handler that raises, is late or does not exist keeps the message out,
and is logged; what IVS does without an answer is set up at the room (`fallbackResult`).
https://docs.aws.amazon.com/ivs/latest/ChatUserGuide/chat-message-review-handler.html
"""

from __future__ import annotations

from lambdarouter.core.check import check_beginning
from lambdarouter.core.http import Deny
from lambdarouter.core.single import FilterTrigger, SingleRecord
from lambdarouter.core.verdict import VerdictSource, no_verdict
from lambdarouter.core.view import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Unpack

    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["ChatMessage", "ChatReview", "IvsChatSource", "IvsChatTrigger"]


class ChatMessage(SingleRecord):
    """One message on its way into a room."""

    _id_path = ("MessageId",)

    content: str = field("Content", default="")
    message_id: str = field("MessageId")
    room: str = field("RoomArn")
    attributes: dict[str, str] = field("Attributes", of=dict, default=dict)
    sender: str = field("Sender", "UserId", default="")
    sender_ip: str = field("Sender", "Ip", default="")
    sender_attributes: dict[str, str] = field("Sender", "Attributes", of=dict, default=dict)


class ChatReview:
    """Let a message in with this content and these attributes; by default its own."""

    __slots__ = ("attributes", "content")

    def __init__(self, content: str | None = None, *, attributes: Mapping[str, str] | None = None) -> None:
        self.content: str | None = content
        self.attributes: Mapping[str, str] | None = attributes


class IvsChatSource(VerdictSource):
    """Messages: one handler reviews them."""

    names: tuple[str, ...] = ("ivs.chat",)
    decorator = "@app.ivs_chat(room)"
    record: type[View] = ChatMessage
    value: str | None = "content"

    def origin(self, record: ChatMessage) -> str:
        """The room."""
        return f"a message of the chat room {record.peek('RoomArn')!r}"

    def verdict(self, record: ChatMessage, value: Any) -> dict[str, Any]:
        """What IVS takes for content, a `ChatReview` or a `Deny`."""
        if isinstance(value, Deny):
            return self.refusal(record) | {"Attributes": {name: str(each) for name, each in value.context.items()}}
        review = ChatReview(value) if isinstance(value, str) else value
        if not isinstance(review, ChatReview):
            raise no_verdict(value, "the content, ChatReview(...) or Deny(reason=...)")
        return {
            "ReviewResult": "ALLOW",
            "Content": record.content if review.content is None else review.content,
            "Attributes": dict(record.attributes if review.attributes is None else review.attributes),
        }

    def refusal(self, record: ChatMessage) -> dict[str, Any]:
        """Not delivered."""
        return {"ReviewResult": "DENY", "Content": record.peek("Content") or ""}


class IvsChatTrigger(FilterTrigger):
    """`@app.ivs_chat()`: review the messages of a room.

    `room`: a room's ARN or a glob, or a list of them; without, every one. `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = IvsChatSource

    def __init__(self, room: str | Sequence[str] | None = None, **shared: Unpack[Shared]) -> None:
        super().__init__({"room": room}, **shared)
        check_beginning("room", room, "arn:")
