"""Fields that AppSync has a Lambda function resolve.

Shape after "Direct Lambda resolvers" in the AppSync developer guide: the resolver's whole context object.
"""

from __future__ import annotations

from lambdarouter.testing.events.common import identifier, json_value

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from typing import Any

__all__ = ["batch", "resolver"]


def resolver(
    type_name: str,
    field_name: str,
    arguments: Mapping[str, Any] | None = None,
    *,
    source: Any = None,
    user: str | None = None,
    groups: Sequence[str] | None = None,
    identity: Mapping[str, Any] | None = None,
    headers: Mapping[str, str] | None = None,
    selection: Sequence[str] = (),
) -> dict[str, Any]:
    """Build one field to resolve ("appsync.resolver").

    `source`: its object. `user`: who is signed in with Cognito, in these `groups`; `identity`: who it is otherwise, as
    AppSync writes it. `headers`: the request's. `selection`: the fields that the query selects of it.
    """
    signed_in = user and {
        "sub": identifier("user", user),
        "issuer": "https://cognito-idp.eu-west-1.amazonaws.com/eu-west-1_example",
        "username": user,
        "claims": {"sub": identifier("user", user), "cognito:username": user},
        "sourceIp": ["203.0.113.7"],
        "defaultAuthStrategy": "ALLOW",
        "groups": None if groups is None else list(groups),
    }
    return {
        "arguments": json_value(arguments or {}),
        "identity": signed_in if identity is None else json_value(identity),
        "source": json_value(source),
        "request": {"headers": dict(headers or {}), "domainName": None},
        "prev": None,
        "info": {
            "selectionSetList": list(selection),
            "selectionSetGraphQL": f"{{\n  {' '.join(selection)}\n}}",
            "fieldName": field_name,
            "parentTypeName": type_name,
            "variables": {},
        },
        "stash": {},
    }


def batch(
    type_name: str, field_name: str, *sources: Any, arguments: Mapping[str, Any] | None = None
) -> list[dict[str, Any]]:
    """Build a batch of one field of several objects, the `sources` ("appsync.batch").

    `arguments`: the field's, the same for all.
    """
    return [resolver(type_name, field_name, arguments, source=source) for source in sources]
