"""Connect: a handler for the "AWS Lambda function" blocks of contact flows.

::

    @app.connect(parameters={"action": "lookup"})
    def lookup(customer_id: int, contact: ConnectEvent) -> dict[str, str]:
        return {"tier": "gold"}

`parameters` maps parameters of the block to the value, or the values, that the handler takes: flows name the handler in
one of them. Parameters are the block's, by name (`customer_id` takes `customerId` too). `ConnectEvent` is passed by its
type. The flow gets the value as JSON: an object whose values are text for a block that expects a STRING_MAP, and may
nest for one that expects JSON; of 32 KB at most.

Delivery: synchronous, within 8 seconds. A handler that raises, and a block of no route, take the block's error branch.
https://docs.aws.amazon.com/connect/latest/adminguide/connect-lambda-functions.html
"""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.argument import ArgumentSource
from lambdarouter.core.pattern import Patterns
from lambdarouter.core.single import SingleRecord, plain
from lambdarouter.core.trigger import Trigger
from lambdarouter.core.view import field, kind_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Unpack

    from lambdarouter.core.route import Match
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["ConnectEvent", "ConnectSource", "ConnectTrigger"]

_LIMIT = 32 * 1024  # bytes of a reply


class ConnectEvent(SingleRecord):
    """One block of a flow, and the contact that is in it."""

    _id_path = ("Details", "ContactData", "ContactId")

    # Of the block, as the flow's author gave them; a value may come from the contact.
    parameters: dict[str, Any] = field("Details", "Parameters", of=dict, default=dict)
    contact_id: str = field("Details", "ContactData", "ContactId", default="")
    initial_contact_id: str = field("Details", "ContactData", "InitialContactId", default="")
    previous_contact_id: str = field("Details", "ContactData", "PreviousContactId", default="")
    # "VOICE", "CHAT", "TASK" or "EMAIL".
    channel: str = field("Details", "ContactData", "Channel", default="")
    initiation_method: str = field("Details", "ContactData", "InitiationMethod", default="")
    instance_arn: str = field("Details", "ContactData", "InstanceARN", default="")
    attributes: dict[str, str] = field("Details", "ContactData", "Attributes", of=dict, default=dict)
    # Where the contact comes from, and what it called: a number, say. None where Connect does not know.
    customer_address: str | None = field("Details", "ContactData", "CustomerEndpoint", "Address", default=None)
    system_address: str | None = field("Details", "ContactData", "SystemEndpoint", "Address", default=None)
    queue: str | None = field("Details", "ContactData", "Queue", "Name", default=None)
    queue_arn: str | None = field("Details", "ContactData", "Queue", "ARN", default=None)
    language: str | None = field("Details", "ContactData", "LanguageCode", default=None)


class ConnectSource(ArgumentSource):
    """Blocks of flows: one handler, its object."""

    names: tuple[str, ...] = ("connect",)
    decorator = "@app.connect(parameters={...})"
    record: type[View] = ConnectEvent
    arguments = "parameters"
    argument = "a parameter of the block"

    def origin(self, record: ConnectEvent) -> str:
        """The block's parameters, by name."""
        return f"a Connect flow's block with the parameters {', '.join(record.parameters) or '(none)'}"

    def result(self, match: Match, value: Any) -> dict[str, Any]:
        """The object; None is an empty one. Raises TypeError and ValueError for what Connect would not take."""
        reply = {} if value is None else plain(value)
        if not isinstance(reply, dict):
            msg = f"the handler returned {kind_of(reply)}; a flow takes an object, such as {{'tier': 'gold'}}"
            raise TypeError(msg)
        size = len(codec.encode(reply).encode())
        if size > _LIMIT:
            msg = f"the handler's value has {size} bytes; a flow takes {_LIMIT}"
            raise ValueError(msg)
        return reply


class ConnectTrigger(Trigger):
    """`@app.connect(parameters={"action": "lookup"})`: answer these blocks of contact flows.

    `parameters`: parameters of the block, and the value or glob, or the list of them, that this handler takes of each;
    without, every block. `shared`: the options of every trigger.
    """

    __slots__ = ("_wanted",)

    source: type[Source] = ConnectSource

    def __init__(
        self, *, parameters: Mapping[str, str | Sequence[str]] | None = None, **shared: Unpack[Shared]
    ) -> None:
        super().__init__(**shared)
        self._wanted = {name: Patterns(value, f"parameters[{name!r}]") for name, value in (parameters or {}).items()}

    def claims(self, record: ConnectEvent) -> bool:
        """By the block's parameters."""
        return all(patterns.match(str(record.parameters.get(name, ""))) for name, patterns in self._wanted.items())

    def describe(self) -> str:
        """The parameters."""
        return " ".join(f"{name}={patterns.text}" for name, patterns in self._wanted.items())
