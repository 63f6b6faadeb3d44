"""VPN authorizer: a client connect handler of AWS Client VPN, which decides who may connect.

::

    @app.vpn_authorizer()
    def laptop(connection: VpnConnection) -> Allow | Deny:
        if connection.platform == "windows":
            return Deny(message="this network is not for Windows", posture=["os"])
        return Allow(connection.username)

`endpoint` narrows a handler to connections to these. A `Deny` may have a `message` for the user, and either verdict the
`posture` statuses that the connection's log keeps.

Delivery: synchronous, within 30 seconds; the function's name has to begin with `AWSClientVPN-`. A handler that raises,
is late or does not exist refuses the connection, and is logged.
https://docs.aws.amazon.com/vpn/latest/clientvpn-admin/connection-authorization.html
"""

from __future__ import annotations

from lambdarouter.core.check import check_beginning
from lambdarouter.core.http import Allow, Deny
from lambdarouter.core.single import FilterTrigger, SingleRecord
from lambdarouter.core.verdict import VerdictSource, no_verdict
from lambdarouter.core.view import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Unpack

    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["VpnAuthorizerSource", "VpnAuthorizerTrigger", "VpnConnection"]

_LONGEST_MESSAGE = 255
_NEWEST_SCHEMA = "v3"


class VpnConnection(SingleRecord):
    """One connection that asks to be let in, after its device and user were authenticated."""

    _id_path = ("connection-id",)

    connection_id: str = field("connection-id", default="")
    endpoint: str = field("endpoint-id", default="")
    # Of a client certificate.
    common_name: str = field("common-name", default="")
    username: str = field("username", default="")
    # "android", "ios", "linux", "mac" or "windows".
    platform: str = field("platform", default="")
    platform_version: str = field("platform-version", default="")
    public_ip: str = field("public-ip", default="")
    client_version: str = field("client-openvpn-version", default="")
    aws_client_version: str = field("aws-client-version", default="")
    # Of users in Active Directory or a SAML provider.
    groups: str = field("groups", default="")
    schema_version: str = field("schema-version", default=_NEWEST_SCHEMA)


class VpnAuthorizerSource(VerdictSource):
    """Connections: one handler lets them in, or nobody does."""

    names: tuple[str, ...] = ("authorizer.vpn",)
    decorator = "@app.vpn_authorizer()"
    record: type[View] = VpnConnection

    def origin(self, record: VpnConnection) -> str:
        """The endpoint."""
        return f"a connection to the Client VPN endpoint {record.endpoint!r}"

    def verdict(self, record: VpnConnection, value: Any) -> dict[str, Any]:
        """What Client VPN takes for an `Allow` or a `Deny`."""
        if not isinstance(value, (Allow, Deny)):
            raise no_verdict(value, "Allow(principal) or Deny(message=...)")
        message, posture = value.context.get("message", ""), value.context.get("posture", ())
        statuses = [posture] if isinstance(posture, str) else [str(each) for each in posture]
        return _reply(record, isinstance(value, Allow), str(message)[:_LONGEST_MESSAGE], statuses)

    def refusal(self, record: VpnConnection) -> dict[str, Any]:
        """Not allowed, without a message: what went wrong is nothing for the user."""
        return _reply(record, False, "", [])  # noqa: FBT003 - AWS's own word


def _reply(record: VpnConnection, allow: bool, message: str, posture: list[str]) -> dict[str, Any]:  # noqa: FBT001
    """All four keys, as Client VPN demands; the event's schema decides what the message is called."""
    schema = record.peek("schema-version") or _NEWEST_SCHEMA
    called = "error-msg-on-failed-posture-compliance" if schema == "v1" else "error-msg-on-denied-connection"
    return {
        "allow": allow,
        called: "" if allow else message,
        "posture-compliance-statuses": posture,
        "schema-version": schema,
    }


class VpnAuthorizerTrigger(FilterTrigger):
    """`@app.vpn_authorizer()`: decide who may connect to a Client VPN endpoint.

    `endpoint`: an endpoint's id or a glob, or a list of them; without, every one. `shared`: the options of every
    trigger.
    """

    __slots__ = ()

    source: type[Source] = VpnAuthorizerSource

    def __init__(self, *, endpoint: str | Sequence[str] | None = None, **shared: Unpack[Shared]) -> None:
        super().__init__({"endpoint": endpoint}, **shared)
        check_beginning("endpoint", endpoint, "cvpn-endpoint-")
