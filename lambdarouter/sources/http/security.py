"""What a route's guards ask for: credentials, as the OpenAPI document and a 401 tell them."""

from __future__ import annotations

from lambdarouter.core.guard import Guard

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from typing import Any

    from lambdarouter.core.handler import Handler
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Route

__all__ = ["CREDENTIALS", "challenge_of", "guards_of", "parameters_of", "security_of"]

CREDENTIALS = ("query", "header", "cookie")


def parameters_of(handler: Handler) -> Iterator[Parameter]:
    """A handler's parameters, then those of what it depends on; a guard's are its credentials."""
    yield from handler.parameters
    for dependency in handler.dependencies:
        if not isinstance(dependency, Guard):
            yield from dependency.handler.parameters


def guards_of(route: Route) -> list[Guard]:
    """The guards that a route's requests pass."""
    return [dependency for dependency in route.handler.dependencies if isinstance(dependency, Guard)]


def security_of(guard: Guard, told: Mapping[str, Mapping[str, Any]]) -> dict[str, Mapping[str, Any]]:
    """The credentials that a guard takes, from its parameters: names of schemes to Security Scheme Objects.

    An Authorization header is taken for a bearer token, and so is a guard that reads the whole request; `told` is what
    the app has said of guards, by name, which counts.
    """
    name = guard.name.rpartition(".")[2]
    if name in told:
        return {name: told[name]}
    credentials = [parameter for parameter in parameters_of(guard.handler) if parameter.where in CREDENTIALS]
    schemes: list[Mapping[str, Any]] = [
        {"type": "http", "scheme": "bearer"}
        if parameter.where == "header" and parameter.alias.lower() == "authorization"
        else {"type": "apiKey", "in": parameter.where, "name": parameter.alias}
        for parameter in credentials
    ] or [{"type": "http", "scheme": "bearer"}]
    if len(schemes) == 1:
        return {name: schemes[0]}
    aliases = [parameter.alias.replace("-", "_").lower() for parameter in credentials]
    return {f"{name}_{alias}": scheme for alias, scheme in zip(aliases, schemes, strict=True)}


def challenge_of(route: Route, told: Mapping[str, Mapping[str, Any]]) -> str:
    """What WWW-Authenticate says of a route's guards, "" for nothing: HTTP has no word for an API key.

    https://www.rfc-editor.org/rfc/rfc9110.html#name-www-authenticate
    """
    schemes = [scheme for guard in guards_of(route) for scheme in security_of(guard, told).values()]
    challenges = [_CHALLENGES.get(str(scheme.get("scheme", scheme.get("type"))).lower()) for scheme in schemes]
    return ", ".join(filter(None, dict.fromkeys(challenges)))


_CHALLENGES = {"bearer": "Bearer", "oauth2": "Bearer", "openidconnect": "Bearer", "basic": 'Basic realm="API"'}
