"""The request that an authorizer is to judge, from each of API Gateway's four events."""

from __future__ import annotations

from lambdarouter.core.request import Request, Values, query_pairs
from lambdarouter.core.view import field
from lambdarouter.errors import InvalidEventError

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from lambdarouter.core.route import Routes

__all__ = ["REQUESTS", "AuthorizerRequest"]


class AuthorizerRequest(Request):
    """A request on its way into an API. Its method and path are those of the ARN, which the policy is compared with."""

    # The authorizers of the app, set by matching: the policy is made from its routes.
    routes: Routes | None = None
    _split: tuple[str, str, str] | None = None

    arn: str = field("methodArn")

    def __init__(self, raw: Any) -> None:
        super().__init__(raw)
        params = raw.get("pathParameters") if isinstance(raw, dict) else None
        if isinstance(params, dict):
            self.path_params: Mapping[str, str] = {
                name: value for name, value in params.items() if isinstance(value, str)
            }

    @property
    def method(self) -> str:  # type: ignore[override]
        """The HTTP method; empty for a WebSocket API, whose ARN has none."""
        return self._parts()[1]

    @property
    def path(self) -> str:  # type: ignore[override]
        """The path, decoded; for a WebSocket API, the route key (`$connect`)."""
        path = self.encoded_path
        if "%" not in path:
            return path
        from urllib.parse import unquote  # noqa: PLC0415 - 10 ms, for paths that need it

        return unquote(path)

    @property
    def encoded_path(self) -> str:
        """The path as the ARN has it."""
        return self._parts()[2]

    @property
    def api(self) -> str:
        """The ARN up to the stage: what every resource of the policy starts with."""
        return self._parts()[0]

    def _parts(self) -> tuple[str, str, str]:
        """(api, method, path) of arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH."""
        if self._split is None:
            service = self.arn.split(":", 5)
            parts = self.arn.split("/", 3)
            # Cut off anywhere, it could name another request than the one that is asked about.
            whole = len(service) == 6 and service[0] == "arn" and service[2] == "execute-api" and service[5][:1] != "/"  # noqa: PLR2004
            if not whole or len(parts) < 3 or not all(parts[:3]):  # noqa: PLR2004
                msg = (
                    f"{self.locate('methodArn')} is {self.arn!r:.120}, expected "
                    "arn:aws:execute-api:REGION:ACCOUNT:API/STAGE/METHOD/PATH: refused"
                )
                raise InvalidEventError(msg)
            api = "/".join(parts[:2])
            websocket = parts[2].startswith("$") and len(parts) == 3  # noqa: PLR2004
            self._split = (api, "", parts[2]) if websocket else (api, parts[2], "/" + "".join(parts[3:]))
        return self._split


class _Token(AuthorizerRequest):
    """A TOKEN event: a credential and the ARN, nothing else."""

    headers: Values = field(of=lambda raw: Values(_token(raw), fold=True))


class _RequestV2(AuthorizerRequest):
    """An HTTP API's event in payload 2.0."""

    arn: str = field("routeArn")
    client_ip: str = field("requestContext", "http", "sourceIp", default="")
    query: Values = field("rawQueryString", of=lambda text: Values(query_pairs(text)), default=Values)


def _token(raw: Any) -> list[tuple[str, str]]:
    token = raw.get("authorizationToken")
    return [("authorization", token)] if isinstance(token, str) else []


REQUESTS: dict[str, type[AuthorizerRequest]] = {
    "authorizer.token": _Token,
    "authorizer.request_v1": AuthorizerRequest,
    "authorizer.request_v2": _RequestV2,
    "authorizer.websocket": AuthorizerRequest,
}
