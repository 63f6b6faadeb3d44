"""Transfer authorizer: a function that decides who may log in to a server of AWS Transfer Family.

::

    @app.transfer_authorizer()
    def user(login: TransferLogin) -> TransferAllow | Deny:
        if login.password != "secret":
            return Deny()
        return TransferAllow("arn:aws:iam::123456789012:role/uploads", home={"/": "/uploads/ada"})

`server`, `protocol` and `username` narrow a handler to logins of these. A login without a password is one with a key:
return the `public_keys` that may be used, and the server checks the key.

Delivery: synchronous. A handler that raises, is late or does not exist refuses the login, and is logged.
https://docs.aws.amazon.com/transfer/latest/userguide/custom-lambda-idp.html
"""

from __future__ import annotations

from collections.abc import Mapping

from lambdarouter.core import codec
from lambdarouter.core.check import check_beginning, check_words
from lambdarouter.core.http import Deny
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

__all__ = ["TransferAllow", "TransferAuthorizerSource", "TransferAuthorizerTrigger", "TransferLogin"]


class TransferLogin(SingleRecord):
    """One login."""

    _id_path = ("username",)

    username: str = field("username")
    # Empty where a key is used.
    password: str = field("password", default="")
    # "SFTP", "FTPS", "FTP" or "AS2".
    protocol: str = field("protocol", default="")
    server: str = field("serverId", default="")
    source_ip: str = field("sourceIp", default="")


class TransferAllow:
    """Let the user in.

    `role`: the ARN of the IAM role the session has. `home`: the directory the user starts in ("/bucket/ada"), or, to
    show nothing else, a mapping of what the user sees to where it is (`{"/": "/bucket/ada"}`). `policy`: an IAM policy
    that narrows the role. `public_keys`: those that the user may log in with. `posix`: user and group id, on EFS.
    """

    __slots__ = ("home", "policy", "posix", "public_keys", "role")

    def __init__(
        self,
        role: str,
        *,
        home: str | Mapping[str, str] | None = None,
        policy: Mapping[str, Any] | None = None,
        public_keys: Sequence[str] = (),
        posix: tuple[int, int] | None = None,
    ) -> None:
        self.role: str = role
        self.home: str | Mapping[str, str] | None = home
        self.policy: Mapping[str, Any] | None = policy
        self.public_keys: Sequence[str] = public_keys
        self.posix: tuple[int, int] | None = posix

    def __repr__(self) -> str:
        return f"TransferAllow({self.role!r})"


class TransferAuthorizerSource(VerdictSource):
    """Logins: one handler lets them in, or nobody does."""

    names: tuple[str, ...] = ("authorizer.transfer",)
    decorator = "@app.transfer_authorizer()"
    record: type[View] = TransferLogin

    def origin(self, record: TransferLogin) -> str:
        """The user, the protocol and the server."""
        return f"the login of {record.peek('username')!r} with {record.protocol} to the server {record.server!r}"

    def verdict(self, record: TransferLogin, value: Any) -> dict[str, Any]:
        """What Transfer Family takes for a `TransferAllow` or a `Deny`."""
        if isinstance(value, Deny):
            return self.refusal(record)
        if not isinstance(value, TransferAllow):
            raise no_verdict(value, "TransferAllow(role) or Deny()")
        reply: dict[str, Any] = {"Role": value.role}
        if isinstance(value.home, Mapping):
            places = [{"Entry": entry, "Target": target} for entry, target in value.home.items()]
            reply |= {"HomeDirectoryType": "LOGICAL", "HomeDirectoryDetails": codec.encode(places)}
        elif value.home is not None:
            reply |= {"HomeDirectoryType": "PATH", "HomeDirectory": value.home}
        if value.policy is not None:
            reply["Policy"] = codec.encode(value.policy)
        if value.public_keys:
            reply["PublicKeys"] = list(value.public_keys)
        if value.posix is not None:
            reply["PosixProfile"] = {"Uid": value.posix[0], "Gid": value.posix[1]}
        return reply

    def refusal(self, record: TransferLogin) -> dict[str, Any]:
        """Nothing: a user without a role."""
        return {}


class TransferAuthorizerTrigger(FilterTrigger):
    """`@app.transfer_authorizer()`: decide who may log in to a server of Transfer Family.

    `server`, `protocol`, `username`: names or globs, or lists of them; without, any. `shared`: the options of every
    trigger.
    """

    __slots__ = ()

    source: type[Source] = TransferAuthorizerSource

    def __init__(
        self,
        *,
        server: str | Sequence[str] | None = None,
        protocol: str | Sequence[str] | None = None,
        username: str | Sequence[str] | None = None,
        **shared: Unpack[Shared],
    ) -> None:
        super().__init__({"server": server, "protocol": protocol, "username": username}, **shared)
        check_beginning("server", server, "s-")
        check_words("protocol", protocol, ("SFTP", "FTPS", "FTP", "HTTPS"), str.isupper)
