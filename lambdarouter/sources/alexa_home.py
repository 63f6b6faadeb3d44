"""Alexa Smart Home: a handler for each directive to a device.

::

    @app.alexa_home("Alexa.PowerController", ["TurnOn", "TurnOff"])
    def switch(directive: AlexaHomeDirective) -> dict: ...

`namespace` and `name` are the directive's, or globs, or lists of them. `AlexaHomeDirective` is passed by its type, and
`payload` by a parameter of another type. Alexa gets the value as JSON: an event with its context.

Delivery: synchronous, within 8 seconds. A handler that raises, and a directive of no route, fail it: "the device is not
responding".
https://docs.aws.amazon.com/lambda/latest/dg/services-alexa.html
"""

from __future__ import annotations

from lambdarouter.core.check import check_beginning, check_characters
from lambdarouter.core.single import FilterTrigger, SingleRecord, SynchronousSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Unpack

    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["AlexaHomeDirective", "AlexaHomeSource", "AlexaHomeTrigger"]


class AlexaHomeDirective(SingleRecord):
    """One directive, of version 3 or of the older ones, which have no `directive` around them."""

    @property
    def directive(self) -> dict[str, Any]:
        """Header, endpoint and payload."""
        found = self.raw.get("directive")
        return found if isinstance(found, dict) else self.raw

    @property
    def header(self) -> dict[str, Any]:
        """The header."""
        found = self.directive.get("header")
        return found if isinstance(found, dict) else {}

    @property
    def namespace(self) -> str:
        """The interface, such as "Alexa.PowerController"."""
        return str(self.header.get("namespace") or "")

    @property
    def name(self) -> str:
        """What to do, such as "TurnOn"."""
        return str(self.header.get("name") or "")

    @property
    def payload_version(self) -> str:
        """The version of the interface: "3"."""
        return str(self.header.get("payloadVersion") or "")

    @property
    def endpoint_id(self) -> str:
        """The device; empty for a discovery, and before version 3."""
        endpoint = self.directive.get("endpoint")
        return str(endpoint.get("endpointId") or "") if isinstance(endpoint, dict) else ""

    @property
    def payload(self) -> Any:
        """What comes with the directive."""
        return self.directive.get("payload")

    @property
    def id(self) -> str:
        """The directive's messageId."""
        found = self.peek("directive", "header", "messageId") or self.peek("header", "messageId")
        return found or self.locate()


class AlexaHomeSource(SynchronousSource):
    """Directives: one handler, its event."""

    names: tuple[str, ...] = ("alexa.home",)
    decorator = "@app.alexa_home(namespace, name)"
    record: type[View] = AlexaHomeDirective
    value: str | None = "payload"

    def origin(self, record: AlexaHomeDirective) -> str:
        """The directive."""
        return f"the Alexa directive {record.name!r} of {record.namespace!r}"


class AlexaHomeTrigger(FilterTrigger):
    """`@app.alexa_home("Alexa.PowerController", "TurnOn")`: carry out this directive.

    `namespace`, `name`: names or globs, or lists of them; without, any. `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = AlexaHomeSource

    def __init__(
        self,
        namespace: str | Sequence[str] | None = None,
        name: str | Sequence[str] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__({"namespace": namespace, "name": name}, **shared)
        check_beginning("namespace", namespace, "Alexa")
        check_characters("name", name, "")
