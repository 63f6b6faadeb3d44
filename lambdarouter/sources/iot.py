"""IoT: handlers for buttons, and for the events of the thing registry.

::

    @app.iot("button", click="SINGLE")
    def pressed(button: IotButtonEvent) -> None: ...


    @app.iot("registry", operation="CREATED")
    def new(thing: IotRegistryEvent) -> None: ...

`kind` is "button" (the AWS IoT button), "one_click" (devices of IoT 1-Click) or "registry" (the registry's events,
which a rule hands on). `click` is a button's "SINGLE", "DOUBLE" or "LONG"; `operation` a registry event's "CREATED",
"UPDATED" or "DELETED"; others are declined. The event is passed by its type.

Delivery: asynchronous, at least once; who invokes the function in another way gets the value as JSON. The first handler
that fits runs. An event of a kind that no route names fails the invocation. (What an IoT rule selects itself is a
direct invocation.)
https://docs.aws.amazon.com/lambda/latest/dg/services-iot.html
"""

from __future__ import annotations

from lambdarouter.core.check import check_choices, check_words
from lambdarouter.core.single import FilterTrigger, SingleRecord, SynchronousSource
from lambdarouter.core.view import field
from lambdarouter.errors import ConfigurationError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Literal, TypeAlias, Unpack

    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

    Kind: TypeAlias = Literal["button", "one_click", "registry"]

__all__ = ["IotButtonEvent", "IotEvent", "IotOneClickEvent", "IotRegistryEvent", "IotSource", "IotTrigger"]

_KINDS = ("button", "one_click", "registry")


class IotEvent(SingleRecord):
    """What the three kinds share: nothing but what a route filters by, empty where there is none."""

    click: str = ""
    operation: str = ""


class IotButtonEvent(IotEvent):
    """A press of an AWS IoT button."""

    _id_path = ("serialNumber",)

    serial_number: str = field("serialNumber")
    click: str = field("clickType")
    battery_voltage: str = field("batteryVoltage", default="")


class IotOneClickEvent(IotEvent):
    """A press of a device of IoT 1-Click."""

    _id_path = ("deviceInfo", "deviceId")

    click: str = field("deviceEvent", "buttonClicked", "clickType", default="")
    reported_time: str = field("deviceEvent", "buttonClicked", "reportedTime", default="")
    device_id: str = field("deviceInfo", "deviceId", default="")
    device_type: str = field("deviceInfo", "type", default="")
    remaining_life: float | None = field("deviceInfo", "remainingLife", of=float, default=None)
    device_attributes: dict[str, str] = field("deviceInfo", "attributes", of=dict, default=dict)
    project: str = field("placementInfo", "projectName", default="")
    placement: str = field("placementInfo", "placementName", default="")
    placement_attributes: dict[str, str] = field("placementInfo", "attributes", of=dict, default=dict)


class IotRegistryEvent(IotEvent):
    """A change of a thing, a thing type, a thing group, or who belongs to it."""

    _id_path = ("eventId",)

    # "THING_EVENT", "THING_TYPE_EVENT", "THING_GROUP_EVENT", "THING_GROUP_MEMBERSHIP_EVENT" …
    event_type: str = field("eventType")
    event_id: str = field("eventId", default="")
    operation: str = field("operation", default="")
    account_id: str = field("accountId", default="")
    # Milliseconds since 1970.
    timestamp: int = field("timestamp", of=int, default=0)
    thing_id: str | None = field("thingId", default=None)
    thing_name: str | None = field("thingName", default=None)
    thing_type: str | None = field("thingTypeName", default=None)
    version: int | None = field("versionNumber", of=int, default=None)
    attributes: dict[str, Any] = field("attributes", of=dict, default=dict)


class IotSource(SynchronousSource):
    """Buttons and things: one handler, its value."""

    names: tuple[str, ...] = ("iot.button", "iot.one_click", "iot.registry")
    decorator = "@app.iot(kind)"
    record: type[View] = IotEvent
    views: Mapping[str, type[View]] = {
        "iot.button": IotButtonEvent,
        "iot.one_click": IotOneClickEvent,
        "iot.registry": IotRegistryEvent,
    }

    def origin(self, record: IotEvent) -> str:
        """The kind, and which one."""
        return f"the {record.classified} event of {record.id!r}"


class IotTrigger(FilterTrigger):
    """`@app.iot("button")`: run for a button that is pressed, or for a thing that changes.

    `kind`: "button", "one_click" or "registry"; without, all of them. `click`, `operation`: names or lists of names of
    what the handler wants; events without are declined. `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = IotSource

    def __init__(
        self,
        kind: Kind | None = None,
        *,
        click: str | Sequence[str] | None = None,
        operation: str | Sequence[str] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        check_choices("kind", kind, _KINDS, several=False)
        names = () if kind is None else (f"iot.{kind}",)
        super().__init__({}, {"click": click, "operation": operation}, names=names, **shared)
        check_words("click", click, ("SINGLE", "DOUBLE", "LONG"), str.isupper)
        check_words("operation", operation, ("CREATED", "UPDATED", "DELETED", "ADDED", "REMOVED"), str.isupper)
        pressed, changed = click is not None, operation is not None
        if (pressed and (changed or kind == "registry")) or (changed and kind in ("button", "one_click")):
            given = f"kind={kind!r}, click={click!r}, operation={operation!r}"
            msg = f"{given} can never match: buttons alone have clicks, the registry alone has operations"
            raise ConfigurationError(msg)
