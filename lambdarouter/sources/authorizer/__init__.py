"""Authorizer: one function says who may call, for every kind of API, and in process where there is none.

::

    @app.authorizer()
    def staff(token: Annotated[str, Header("authorization")]) -> Allow | Deny:
        return Allow("ada", role="staff") if token == "Bearer ..." else Deny()


    @app.get("/orders/{order_id}", auth=staff)
    def read(order_id: int, who: Allow) -> Order: ...

The same function answers TOKEN and REQUEST authorizers of REST APIs, REQUEST authorizers of HTTP APIs (payload 1.0 and
2.0) and of WebSocket APIs. It may take headers, query parameters, cookies, the `Request` and dependencies; a TOKEN
event's token is its `authorization` header. A credential that is missing is 401.

**Which guard runs.** The one of the route that the event's methodArn or routeArn names. Where it names no guarded
route of this app, the only authorizer there is; with none or several, the event is refused.

**What an Allow covers.** API Gateway keeps a policy (for 300 seconds by default) and applies it to other routes too, so
it lists all routes with this guard, and a request for none of them as it was asked. Where one of its wildcards would
reach a route with another guard, an explicit Deny stands beside it. Where that Deny would hit a route of this guard too
(`/users/me/settings` beside another guard's `/users/{id}/settings`), a request for that route gets a policy for it
alone: turn the authorizer's cache off there. `covers=` adds routes of other functions: "GET /reports/*". The guard's
name goes into the context; only that stamp spares a route its guard in process. A closure, a method, a partial or an
object, whose name others may have, leaves no stamp. A WebSocket API's policy is for its `$connect` alone, and has at
most 8 KB.

**Verdicts.** `Allow` and `Deny` (403, which API Gateway may keep as well) are returned. Raising `Unauthorized` is 401.
Anything else that is raised or returned refuses the request with 500, and API Gateway keeps nothing.

`simple=True` answers HTTP APIs with `{"isAuthorized": ...}`: set it where the API's authorizer has simple responses
enabled, which the event does not show. Give each guard an API Gateway authorizer of its own, or turn its cache off:
with a shared one, a kept policy of one guard refuses the other's routes.
https://docs.aws.amazon.com/apigateway/latest/developerguide/apigateway-use-lambda-authorizer.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-lambda-authorizer.html
"""

from __future__ import annotations

from lambdarouter.sources.authorizer.source import AuthorizerSource, AuthorizerTrigger

__all__ = ["AuthorizerSource", "AuthorizerTrigger"]
