"""AppSync authorizer: a function that decides who may use a GraphQL API, or a channel of AppSync Events.

::

    @app.appsync_authorizer()
    def session(request: AppSyncAuthorization) -> Allow | Deny:
        if request.token == "staff":
            return AppSyncAllow("ada", role="staff", denied_fields=["Mutation.deleteOrder"], ttl=60)
        return Deny()

`api` narrows a handler to requests to these APIs. What an `Allow` says of the user arrives at resolvers as
`$ctx.identity.resolverContext` (Events: `handlerContext`): flat, with the principal as `principal`.

Delivery: synchronous, within ten seconds. AppSync keeps a verdict for the `ttl` of the reply, else for the API's own
(300 s by default). A handler that raises, is late or does not exist refuses the request; nothing is kept then.
https://docs.aws.amazon.com/appsync/latest/devguide/security-authz.html#aws-lambda-authorization
"""

from __future__ import annotations

from lambdarouter.core.check import check_characters
from lambdarouter.core.http import Allow, Deny
from lambdarouter.core.single import FilterTrigger, SingleRecord, SynchronousSource
from lambdarouter.core.verdict import no_verdict
from lambdarouter.core.view import field

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Any, Unpack

    from lambdarouter.core.route import Match
    from lambdarouter.core.source import Source
    from lambdarouter.core.trigger import Shared
    from lambdarouter.core.view import View

__all__ = ["AppSyncAllow", "AppSyncAuthorization", "AppSyncAuthorizerSource", "AppSyncAuthorizerTrigger"]

_FLAT = (str, int, float, bool)


class AppSyncAuthorization(SingleRecord):
    """One request that asks to be let in."""

    _id_path = ("requestContext", "requestId")

    token: str = field("authorizationToken", default="")
    api: str = field("requestContext", "apiId", default="")
    account_id: str = field("requestContext", "accountId", default="")
    # GraphQL's own.
    query: str = field("requestContext", "queryString", default="")
    operation_name: str = field("requestContext", "operationName", default="")
    variables: dict[str, Any] = field("requestContext", "variables", of=dict, default=dict)
    # Those of AppSync Events: "EVENT_CONNECT", "EVENT_SUBSCRIBE" or "EVENT_PUBLISH", and where.
    operation: str = field("requestContext", "operation", default="")
    channel: str = field("requestContext", "channel", default="")
    namespace: str = field("requestContext", "channelNamespaceName", default="")
    headers: dict[str, str] = field("requestHeaders", of=dict, default=dict)


class AppSyncAllow(Allow):
    """`Allow`, with what only AppSync knows.

    `denied_fields`: fields that are null for this user, as "Type.field" or ARNs. `ttl`: for how many seconds AppSync
    keeps the verdict.
    """

    __slots__ = ("denied_fields", "ttl")

    def __init__(
        self, principal: str, /, *, denied_fields: Sequence[str] = (), ttl: int | None = None, **context: Any
    ) -> None:
        super().__init__(principal, **context)
        self.denied_fields: Sequence[str] = denied_fields
        self.ttl: int | None = ttl


class AppSyncAuthorizerSource(SynchronousSource):
    """Requests to AppSync: one handler's verdict; an error is raised, and AppSync refuses."""

    names: tuple[str, ...] = ("authorizer.appsync",)
    decorator = "@app.appsync_authorizer()"
    record: type[View] = AppSyncAuthorization

    def origin(self, record: AppSyncAuthorization) -> str:
        """The API, by id."""
        return f"the authorization of a request to the AppSync API {record.api!r}"

    def result(self, match: Match, value: Any) -> dict[str, Any]:
        """What AppSync takes for an `Allow` or a `Deny`. Raises TypeError for anything else: silence is no yes."""
        if isinstance(value, Deny):
            return {"isAuthorized": False}
        if not isinstance(value, Allow):
            raise no_verdict(value, "Allow(principal) or Deny()")
        nested = next((name for name, each in value.context.items() if not isinstance(each, _FLAT)), None)
        if nested is not None:
            msg = f"the context {nested!r} is {value.context[nested]!r:.60}; AppSync takes text, numbers and booleans"
            raise TypeError(msg)
        context = "handlerContext" if match.record.operation else "resolverContext"
        reply: dict[str, Any] = {"isAuthorized": True, context: {"principal": value.principal, **value.context}}
        if isinstance(value, AppSyncAllow):
            if value.denied_fields:
                reply["deniedFields"] = list(value.denied_fields)
            if value.ttl is not None:
                reply["ttlOverride"] = value.ttl
        return reply


class AppSyncAuthorizerTrigger(FilterTrigger):
    """`@app.appsync_authorizer()`: decide who may send a request to an AppSync API.

    `api`: an API's id or a glob, or a list of them; without, every one. `shared`: the options of every trigger.
    """

    __slots__ = ()

    source: type[Source] = AppSyncAuthorizerSource

    def __init__(self, *, api: str | Sequence[str] | None = None, **shared: Unpack[Shared]) -> None:
        super().__init__({"api": api}, **shared)
        check_characters("api", api, "")
