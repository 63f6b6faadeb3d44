"""API Gateway's questions to an authorizer."""

from __future__ import annotations

from typing import Any

from lambdarouter.testing.events import authorizer
from lambdarouter.testing.form import text_pairs
from lambdarouter.testing.requests import check_path, grouped, one_of
from lambdarouter.testing.result import Decision
from lambdarouter.testing.steps import DecisionT, Driven, ResponseT, ResultT, Step

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Literal

    from lambdarouter.testing.steps import Steps

    Kind = Literal["token", "request_v1", "request_v2", "websocket"]

__all__ = ["Authorizes"]

_AUTHORIZERS = {
    "token": authorizer.token,
    "request_v1": authorizer.request_v1,
    "request_v2": authorizer.request_v2,
    "websocket": authorizer.websocket,
}


class Authorizes(Driven[ResultT, ResponseT, DecisionT]):
    """The part of a client that asks authorizers."""

    def authorize(
        self,
        method: str = "GET",
        path: str = "/",
        *,
        token: str | None = None,
        headers: Mapping[str, str | Sequence[str]] | None = None,
        params: Mapping[str, Any] | None = None,
        kind: Kind | None = None,
        stage: str | None = None,
    ) -> DecisionT:
        """Ask the app's authorizer what API Gateway asks it about a request.

        `token` is the whole Authorization header, such as "Bearer abc". `kind` is "token" where there is a token and
        nothing else, else "request_v2". A WebSocket authorizer ("websocket") is asked about `$connect`, whatever the
        method and path.
        """
        alone = token is not None and headers is None and params is None
        kind = kind or ("token" if alone else "request_v2")
        build: Any = one_of(_AUTHORIZERS, kind, "kind")
        check_path(path)
        options: dict[str, Any] = {} if stage is None else {"stage": stage}
        if kind == "token":
            if token is None or not alone:
                msg = "a TOKEN authorizer is asked about a token and nothing else: give token=, no headers= or params="
                raise TypeError(msg)
            return self.drive(_decision(build(method, path, token, **options)))
        sent = grouped(text_pairs(headers, "headers"))
        if token is not None:
            sent = {"Authorization": [token], **sent}
        about = () if kind == "websocket" else (method, path)
        event = build(*about, headers=sent, query=grouped(text_pairs(params, "params")), **options)
        return self.drive(_decision(event))


def _decision(event: Any) -> Steps[Decision]:
    """One step, whose result is an authorizer's."""
    result = yield Step(event)
    return Decision(result, event)
