"""IoT authorizer: a function that decides who may connect to AWS IoT Core, and what they may do there.

::

    @app.iot_authorizer()
    def device(request: IotAuthorizerEvent) -> IotAllow | Deny:
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "iot:*", "Resource": "*"}]}
        return IotAllow("device1", [policy]) if request.token == "secret" else Deny()

Delivery: synchronous, within five seconds. A handler that raises, is late or does not exist refuses the connection, and
is logged.
https://docs.aws.amazon.com/iot/latest/developerguide/custom-auth-lambda.html
"""

from __future__ import annotations

from base64 import b64decode

from lambdarouter.core import codec
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

__all__ = ["IotAllow", "IotAuthorizerEvent", "IotAuthorizerSource", "IotAuthorizerTrigger"]

_LONGEST_ID = 128
_MOST_POLICIES, _LONGEST_POLICY = 10, 2048


def _password(raw: Any) -> bytes:
    return b64decode(raw, validate=True)


class IotAuthorizerEvent(SingleRecord):
    """One connection that asks to be let in."""

    _id_path = ("connectionMetadata", "id")

    token: str = field("token", default="")
    # Whether AWS has checked the token's signature; False where the authorizer has no signing.
    signature_verified: bool = field("signatureVerified", of=bool, default=False)
    # Of "tls", "http" and "mqtt".
    protocols: list[str] = field("protocols", of=list, default=list)
    server_name: str = field("protocolData", "tls", "serverName", default="")
    headers: dict[str, str] = field("protocolData", "http", "headers", of=dict, default=dict)
    query_string: str = field("protocolData", "http", "queryString", default="")
    username: str = field("protocolData", "mqtt", "username", default="")
    password: bytes = field("protocolData", "mqtt", "password", of=_password, default=b"")
    client_id: str = field("protocolData", "mqtt", "clientId", default="")


class IotAllow:
    """Let the connection in.

    `principal`: letters and digits, at most 128. `policies`: up to ten IAM policies of IoT actions, as objects, each at
    most 2,048 characters. `disconnect_after` and `refresh_after`, in seconds, 300 to 86,400: how long the connection
    may last, and after how long the handler is asked again.
    """

    __slots__ = ("disconnect_after", "policies", "principal", "refresh_after")

    def __init__(
        self,
        principal: str,
        policies: Sequence[Mapping[str, Any]],
        *,
        disconnect_after: int = 86_400,
        refresh_after: int = 300,
    ) -> None:
        if not (principal.isascii() and principal.isalnum() and len(principal) <= _LONGEST_ID):
            msg = f"the principal {principal!r:.60} cannot be: IoT takes 1 to {_LONGEST_ID} letters and digits"
            raise ValueError(msg)
        if len(policies) > _MOST_POLICIES:
            msg = f"there are {len(policies)} policies, and IoT takes {_MOST_POLICIES}"
            raise ValueError(msg)
        self.principal: str = principal
        self.policies: list[str] = [codec.encode(policy) for policy in policies]
        longest = max(map(len, self.policies), default=0)
        if longest > _LONGEST_POLICY:
            msg = f"a policy has {longest} characters, and IoT takes {_LONGEST_POLICY}"
            raise ValueError(msg)
        self.disconnect_after: int = disconnect_after
        self.refresh_after: int = refresh_after

    def __repr__(self) -> str:
        return f"IotAllow({self.principal!r})"


class IotAuthorizerSource(VerdictSource):
    """Connections: one handler lets them in, or nobody does."""

    names: tuple[str, ...] = ("authorizer.iot",)
    decorator = "@app.iot_authorizer()"
    record: type[View] = IotAuthorizerEvent

    def origin(self, record: IotAuthorizerEvent) -> str:
        """The protocols."""
        return f"a connection to AWS IoT Core by {', '.join(map(str, record.protocols)) or 'no known protocol'}"

    def verdict(self, record: IotAuthorizerEvent, value: Any) -> dict[str, Any]:
        """What IoT Core takes for an `IotAllow` or a `Deny`."""
        if isinstance(value, Deny):
            return self.refusal(record)
        if not isinstance(value, IotAllow):
            raise no_verdict(value, "IotAllow(principal, policies) or Deny()")
        return {
            "isAuthenticated": True,
            "principalId": value.principal,
            "disconnectAfterInSeconds": value.disconnect_after,
            "refreshAfterInSeconds": value.refresh_after,
            "policyDocuments": value.policies,
        }

    def refusal(self, record: IotAuthorizerEvent) -> dict[str, Any]:
        """Not authenticated."""
        return {"isAuthenticated": False}


class IotAuthorizerTrigger(FilterTrigger):
    """`@app.iot_authorizer()`: decide who may connect to AWS IoT Core.

    `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = IotAuthorizerSource

    def __init__(self, **shared: Unpack[Shared]) -> None:
        super().__init__({}, **shared)
