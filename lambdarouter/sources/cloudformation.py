"""CloudFormation: handlers that create, update and delete custom resources.

::

    @app.cloudformation("Custom::Order")
    def provision(properties: Order, resource: CustomResource) -> Provisioned: ...


    @app.cloudformation("Custom::Seed", on="Create")
    def seed(properties: dict) -> dict: ...

`resource_type` is the type in the template ("Custom::…" or "AWS::CloudFormation::CustomResource"), or a glob; `on` is
the request, or the requests, that the handler wants of "Create", "Update" and "Delete": others of that type succeed
without it. One parameter takes the properties, validated; CloudFormation sends numbers and booleans as text.

A handler returns None, the resource's data (what `Fn::GetAtt` reads) or a `Provisioned`. The reply is put to the
request's ResponseURL, on failure and before the deadline too: a stack that is not answered waits for an hour. Without
a ResponseURL (the CDK's provider framework) it is returned.

Delivery: asynchronous; the function is invoked again only where putting the reply failed. Handlers have to bear a
repetition: an update that fails is followed by an update back, and a replaced resource is deleted afterwards.
https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/template-custom-resources.html
"""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.check import check_beginning, check_choices
from lambdarouter.core.once import Answers
from lambdarouter.core.route import Delivery, Outcome
from lambdarouter.core.single import FilterTrigger, SingleRecord, SynchronousSource, plain
from lambdarouter.core.view import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any, Literal, Unpack

    from lambdarouter.core.route import Match
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

    RequestType = Literal["Create", "Update", "Delete"]

__all__ = ["CloudFormationSource", "CloudFormationTrigger", "CustomResource", "Provisioned"]

_REQUESTS = ("Create", "Update", "Delete")
# What CloudFormation puts among the properties for itself.
_ITS_OWN = ("ServiceToken", "ServiceTimeout")
# The id of what was never created: CloudFormation deletes it all the same, and nobody is to be bothered.
_NEVER_CREATED = "lambdarouter-never-created-"
_LONGEST_BODY = 4096
_TRIES = (0.2, 0.5, None)


def _object_of_properties(raw: Any) -> dict[str, Any]:
    if not isinstance(raw, dict):
        raise TypeError
    return {name: value for name, value in raw.items() if name not in _ITS_OWN}


class CustomResource(SingleRecord):
    """One request for a custom resource.

    https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/crpg-ref-requests.html
    """

    _id_path = ("RequestId",)

    request_type: str = field("RequestType")
    # As in the template, with numbers and booleans as text; without the ServiceToken.
    properties: dict[str, Any] = field("ResourceProperties", of=_object_of_properties, default=dict)
    # What they were before an update.
    old_properties: dict[str, Any] = field("OldResourceProperties", of=_object_of_properties, default=dict)
    resource_type: str = field("ResourceType", default="")
    logical_id: str = field("LogicalResourceId", default="")
    # Of an update or a delete; empty before there is one.
    physical_id: str = field("PhysicalResourceId", default="")
    stack_id: str = field("StackId", default="")
    request_id: str = field("RequestId", default="")
    # Where the reply is put to; None where it is to be returned.
    response_url: str | None = field("ResponseURL", default=None)

    @property
    def stack(self) -> str:
        """The stack's name, out of its ARN."""
        return self.stack_id.partition("/")[2].partition("/")[0]


class Provisioned:
    """What became of a resource.

    `physical_id`: by default a new one on Create, and the one it has on Update and Delete. Another one on Update makes
    CloudFormation delete the old resource afterwards. `data`: what `Fn::GetAtt` reads. `no_echo`: mask the data where
    it is shown. `complete`: of an `isComplete` handler of the CDK's provider framework, whether it is.
    """

    __slots__ = ("complete", "data", "no_echo", "physical_id")

    def __init__(
        self,
        physical_id: str | None = None,
        *,
        data: Mapping[str, Any] | None = None,
        no_echo: bool = False,
        complete: bool | None = None,
    ) -> None:
        self.physical_id: str | None = physical_id
        self.data: Mapping[str, Any] | None = data
        self.no_echo: bool = no_echo
        self.complete: bool | None = complete

    def __repr__(self) -> str:
        return f"Provisioned({self.physical_id!r})"  # the data may be secret


class _Repeats(Answers):
    """A request that comes again is told what was provisioned; anything else would fail the stack."""

    def keep(self, value: Any, result: Provisioned) -> bytes | None:
        """What was provisioned, by name."""
        return super().keep({name: getattr(result, name) for name in Provisioned.__slots__}, result)

    def again(self, match: Match, kept: bytes) -> Provisioned:
        """The same, as it was. Raises ValueError where it could not be kept."""
        return Provisioned(**super().again(match, kept))


class CloudFormationSource(SynchronousSource):
    """Custom resources: one handler, whose success or failure CloudFormation is told."""

    names: tuple[str, ...] = ("cloudformation",)
    decorator = "@app.cloudformation(resource_type)"
    record: type[View] = CustomResource
    value: str | None = "properties"
    reserve: float = 3.0

    def match(self, record: CustomResource, routes: Any) -> Sequence[Match | Outcome]:
        """The first route of the resource's type; none for the deletion of what could not be created."""
        found = super().match(record, routes)
        if record.request_type == "Delete" and record.physical_id.startswith(_NEVER_CREATED):
            first = found[0]
            return (self.decline(record, first.route, "it was never created"),) if first.route is not None else found
        return found

    def origin(self, record: CustomResource) -> str:
        """The resource, by type."""
        return f"the custom resource {record.resource_type!r}"

    def result(self, match: Match, value: Any) -> Provisioned:
        """What the handler made. Raises TypeError for data that is no object."""
        made = value if isinstance(value, Provisioned) else Provisioned(data=value)
        data = plain(made.data)
        if data is not None and not isinstance(data, dict):
            msg = f"a custom resource's data is an object that Fn::GetAtt reads by name, not {data!r:.60}"
            raise TypeError(msg)
        return Provisioned(made.physical_id, data=data, no_echo=made.no_echo, complete=made.complete)

    def repeats(self) -> Answers:
        """With what was provisioned."""
        return _Repeats()

    def respond(self, event: CustomResource, outcomes: Sequence[Outcome]) -> Any:
        """Put the reply to the ResponseURL; where there is none, return or raise it."""
        outcome = outcomes[0]
        if event.response_url is None:
            super().respond(event, outcomes)
            return self._returned(event, outcome)
        url, body = event.response_url, _body(event, outcome)
        return Delivery(lambda: _put(url, body))

    def _returned(self, event: CustomResource, outcome: Outcome) -> dict[str, Any]:
        made = _made(outcome)
        if made.complete is not None:
            return {"IsComplete": made.complete} | ({} if made.data is None else {"Data": made.data})
        reply: dict[str, Any] = {"PhysicalResourceId": made.physical_id or _physical_id(event)}
        if made.data is not None:
            reply["Data"] = made.data
        if made.no_echo:
            reply["NoEcho"] = True
        return reply


def _made(outcome: Outcome) -> Provisioned:
    """What was made; a declined request leaves everything as it is."""
    made = outcome.value
    return made if isinstance(made, Provisioned) else Provisioned()


def _physical_id(event: CustomResource, prefix: str = "") -> str:
    """The id it has, or a new one that stays the same however often the request is repeated."""
    if event.physical_id:
        return event.physical_id
    import hashlib  # noqa: PLC0415 - only on Create

    digest = hashlib.sha256(f"{event.stack_id}\n{event.logical_id}\n{event.request_id}".encode()).hexdigest()
    return f"{prefix}{event.logical_id}-{digest[:16]}"


def _body(event: CustomResource, outcome: Outcome) -> bytes:
    """The reply, within CloudFormation's limit: data that is too long is a failure, a reason is cut."""
    told = {name: event.raw.get(name) for name in ("StackId", "RequestId", "LogicalResourceId")}
    error: Exception | None = outcome.error
    if error is None:
        made = _made(outcome)
        body = codec.encode(
            {
                "Status": "SUCCESS",
                **told,
                "PhysicalResourceId": made.physical_id or _physical_id(event),
                "NoEcho": made.no_echo,
                "Data": made.data or {},
            }
        ).encode()
        if len(body) <= _LONGEST_BODY:
            return body
        error = ValueError(
            f"the reply has {len(body)} bytes, more than CloudFormation's {_LONGEST_BODY}: shorten the data"
        )
    # A resource that failed to be created is deleted by the id it gets here.
    physical_id = _physical_id(event, _NEVER_CREATED if event.request_type == "Create" else "")
    failed = {"Status": "FAILED", **told, "PhysicalResourceId": physical_id}
    reason = f"{type(error).__name__}: {error}"
    room = _LONGEST_BODY - len(codec.encode(failed | {"Reason": ""}).encode())
    while reason and len(codec.encode(reason).encode()) - len('""') > room:
        reason = reason[: len(reason) * 3 // 4]
    return codec.encode(failed | {"Reason": reason}).encode()


def _put(url: str, body: bytes) -> None:
    """Put the reply to the presigned URL, three times if need be. Raises what went wrong last."""
    import time  # noqa: PLC0415 - with what is slow to import, only here
    from urllib.error import HTTPError  # noqa: PLC0415
    from urllib.request import Request, urlopen  # noqa: PLC0415

    if not url.startswith(("https://", "http://")):
        msg = "the ResponseURL is no URL of HTTP, so CloudFormation cannot be answered"
        raise ValueError(msg)
    # The URL is signed for no content type at all.
    request = Request(url, data=body, method="PUT", headers={"Content-Type": ""})  # noqa: S310 - it is HTTP
    for pause in _TRIES:
        try:
            urlopen(request, timeout=2).close()  # noqa: S310 - it is HTTP
        except OSError as error:
            refused = isinstance(error, HTTPError) and error.code < 500  # noqa: PLR2004 - the request's fault
            if isinstance(error, HTTPError):
                error.close()
            if pause is None or refused:
                error.add_note("CloudFormation was not told how the request went; the stack waits until it times out")
                raise
            time.sleep(pause)
        else:
            return


class CloudFormationTrigger(FilterTrigger):
    """`@app.cloudformation("Custom::Domain")`: handle the requests for resources of this type.

    `resource_type`: a type or a glob, or a list of them; without, every type. `on`: the request types that the handler
    wants, "Create", "Update" or "Delete", or a list of them; others succeed without it. `shared`: the options of every
    trigger.
    """

    __slots__ = ()

    source: type[Source] = CloudFormationSource
    reads: Mapping[str, str] = {"on": "request_type"}

    def __init__(
        self,
        resource_type: str | Sequence[str] | None = None,
        *,
        on: RequestType | Sequence[RequestType] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        check_choices("on", on, _REQUESTS)
        super().__init__({"resource_type": resource_type}, {"on": on}, **shared)
        check_beginning("resource_type", resource_type, "Custom::", "AWS::CloudFormation::CustomResource")
