"""Who the gateway says is calling: one view of what each of them puts into the event.

https://docs.aws.amazon.com/apigateway/latest/developerguide/http-api-develop-integrations-lambda.html
https://docs.aws.amazon.com/apigateway/latest/developerguide/set-up-lambda-proxy-integrations.html
https://docs.aws.amazon.com/vpc-lattice/latest/ug/lambda-functions.html
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

__all__ = ["Identity", "identity_of"]

_NOTHING: Mapping[str, Any] = {}


class Identity:
    """What a gateway found out about the caller, before the function was asked.

    `kind`: "jwt" (a JWT or Cognito user pool authorizer), "iam" (a signed request, VPC Lattice's too), "lambda" (a
    Lambda authorizer), "certificate" (mutual TLS alone), or None where the gateway authenticated nobody. `principal`:
    the subject of the token, the ARN of the signer, the authorizer's principalId, the certificate's subject; None where
    it is not told. `claims` and `scopes`: of the token; a REST API hands all claims on as text. `context`: what the
    Lambda authorizer said. `iam`: the signer, in the gateway's words. `certificate`: of the client, in the gateway's
    words, with mutual TLS, whatever the kind.
    """

    __slots__ = ("certificate", "claims", "context", "iam", "kind", "principal", "scopes")

    def __init__(
        self,
        kind: str | None = None,
        principal: str | None = None,
        *,
        claims: Mapping[str, Any] = _NOTHING,
        scopes: tuple[str, ...] = (),
        context: Mapping[str, Any] = _NOTHING,
        iam: Mapping[str, Any] = _NOTHING,
        certificate: Mapping[str, Any] = _NOTHING,
    ) -> None:
        self.kind: str | None = kind
        self.principal: str | None = principal
        self.claims: Mapping[str, Any] = claims
        self.scopes: tuple[str, ...] = scopes
        self.context: Mapping[str, Any] = context
        self.iam: Mapping[str, Any] = iam
        self.certificate: Mapping[str, Any] = certificate

    def __bool__(self) -> bool:
        return self.kind is not None

    def __repr__(self) -> str:
        return f"Identity({self.kind!r}, {self.principal!r})"


def identity_of(raw: Any) -> Identity:
    """The identity in an event's `requestContext`. Never raises: what is not there, or of another type, is left out."""
    context = _object(raw, "requestContext")
    authorizer, identity = _object(context, "authorizer"), _object(context, "identity")
    certificate = _object(identity, "clientCert") or _object(_object(context, "authentication"), "clientCert")
    jwt = _object(authorizer, "jwt") or authorizer
    claims = _object(jwt, "claims")
    if claims:
        scopes = jwt.get("scopes") or claims.get("scope") or claims.get("scp") or ()
        several = scopes.split() if isinstance(scopes, str) else scopes
        told = tuple(scope for scope in several if isinstance(scope, str)) if isinstance(several, (list, tuple)) else ()
        return Identity("jwt", _text(claims, "sub"), claims=claims, scopes=told, certificate=certificate)
    # A REST API tells the signer in the identity, an HTTP API in the authorizer, VPC Lattice in the identity again.
    iam = _object(authorizer, "iam") or (identity if _text(identity, "userArn", "principal") else _NOTHING)
    if iam:
        return Identity("iam", _text(iam, "userArn", "principal", "caller"), iam=iam, certificate=certificate)
    told_by = _object(authorizer, "lambda") or authorizer
    said = {name: value for name, value in told_by.items() if name not in ("jwt", "iam", "lambda", *_MEASURED)}
    if said:
        return Identity("lambda", _text(said, "principalId"), context=said, certificate=certificate)
    if certificate:
        return Identity("certificate", _text(certificate, "subjectDN"), certificate=certificate)
    return Identity()


# What API Gateway adds of its own to an authorizer's context.
_MEASURED = ("integrationLatency", "integrationStatus")


def _object(value: Any, key: str) -> Mapping[str, Any]:
    found = value.get(key) if isinstance(value, dict) else None
    return found if isinstance(found, dict) else _NOTHING


def _text(value: Mapping[str, Any], *keys: str) -> str | None:
    return next((value[key] for key in keys if isinstance(value.get(key), str) and value[key]), None)
