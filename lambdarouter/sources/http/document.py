"""The OpenAPI 3.1 document of an app, worked out from its routes: imported when somebody asks for it.

What handlers take and return is in their signatures, so the document is as true as they are: pydantic, which
validates the payloads, writes their schemas. Error replies stand at the operations where they can occur.
https://spec.openapis.org/oas/v3.1.1.html
"""

from __future__ import annotations

from collections import Counter

from lambdarouter.errors import ConfigurationError
from lambdarouter.sources.http.described import told_of
from lambdarouter.sources.http.operation import operation
from lambdarouter.sources.http.path import parse_path
from lambdarouter.sources.http.schemas import Schemas
from lambdarouter.sources.http.security import guards_of, security_of

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from typing import Any

    from lambdarouter.core.guard import Guard
    from lambdarouter.core.route import Route
    from lambdarouter.sources.http.form import Limits
    from lambdarouter.sources.http.openapi import OpenApi

__all__ = ["document"]


def document(openapi: OpenApi, routes: Iterable[Route], limits: Limits | None) -> dict[str, Any]:
    """The document of these routes, as JSON's own types; `limits` are the app's.

    Raises `ConfigurationError` for a type that has no JSON schema, and an operation id that is given twice.
    """
    listed = [route for route in routes if told_of(route.trigger).documented]  # type: ignore[arg-type] # HTTP's
    schemas, security = Schemas(), _Security(openapi)
    paths: dict[str, Any] = {}
    ids = _operation_ids(listed)
    for route in listed:
        trigger: Any = route.trigger
        for method in trigger.methods:
            made = {"operationId": ids[route, method], **operation(route, schemas, limits)}
            required = security.of(guards_of(route))
            if required:
                made["security"] = [required]
            _enter(paths, trigger.path, method.lower(), made, schemas)
    components: dict[str, Any] = {"schemas": schemas.fill()}
    if security.schemes:
        components["securitySchemes"] = security.schemes
    made = {"openapi": "3.1.0", "info": _info(openapi)}
    if openapi.servers:
        made["servers"] = [{"url": url} for url in openapi.servers]
    made |= {"paths": paths, "components": {name: part for name, part in components.items() if part}}
    tags = _tags(openapi, listed)
    return made | {"tags": tags} if tags else made


def _info(openapi: OpenApi) -> dict[str, str]:
    info = {"title": openapi.title, "version": openapi.version}
    return info | {"description": openapi.description} if openapi.description else info


def _tags(openapi: OpenApi, routes: Sequence[Route]) -> list[dict[str, str]]:
    """The tags that are described, in their order, then the others as they turn up."""
    used = dict.fromkeys(tag for route in routes for tag in told_of(route.trigger).tags)  # type: ignore[arg-type] # as above
    described = [{"name": name, "description": text} for name, text in openapi.tags.items()]
    return described + [{"name": name} for name in used if name not in openapi.tags]


def _enter(paths: dict[str, Any], path: str, method: str, made: dict[str, Any], schemas: Schemas) -> None:
    """Put an operation at its path; where routes differ in their converters alone, under other names of parameters.

    To OpenAPI `/{id:int}` and `/{id}` are one path, whose operations would replace each other.
    """
    names, suffix = {name for name, converter in parse_path(path) if converter is not None}, ""
    while method in paths.setdefault(_template(path, suffix), {}):
        suffix += "_"
    paths[_template(path, suffix)][method] = made

    def rename() -> None:
        for parameter in made.get("parameters", ()):
            if parameter["in"] == "path" and parameter["name"] in names:
                parameter["name"] += suffix

    if suffix:
        schemas.at_last(rename)


def _template(path: str, suffix: str) -> str:
    """A route's path as OpenAPI writes it."""
    segments = parse_path(path)
    return "/" + "/".join(name if converter is None else f"{{{name}{suffix}}}" for name, converter in segments)


def _operation_ids(routes: Sequence[Route]) -> dict[tuple[Route, str], str]:
    """An id for each operation: the function's name, where several have that the method and the path as well."""
    operations = [(route, method) for route in routes for method in route.trigger.methods]  # type: ignore[attr-defined]
    ids: dict[tuple[Route, str], str] = {}
    for spelled in (_given, _name, _name_and_method, _name_method_and_path):
        left = [each for each in operations if each not in ids]
        found = {each: spelled(*each) for each in left}
        often = Counter([*found.values(), *ids.values()])
        ids |= {
            each: made for each, made in found.items() if made is not None and (often[made] == 1 or spelled is _given)
        }
    for name, count in Counter(ids.values()).items():
        if count > 1:
            places = " and ".join(dict.fromkeys(route.place for (route, _), made in ids.items() if made == name))
            msg = f"the operation id {name!r} is given to several operations, of {places}; each has its own"
            raise ConfigurationError(msg)
    return ids


def _given(route: Route, method: str) -> str | None:
    trigger: Any = route.trigger
    given: str | None = told_of(trigger).operation_id
    return given if given is None or len(trigger.methods) == 1 else f"{given}_{method.lower()}"


def _name(route: Route, method: str) -> str:
    return route.name.rpartition(".")[2]


def _name_and_method(route: Route, method: str) -> str:
    return f"{_name(route, method)}_{method.lower()}"


def _name_method_and_path(route: Route, method: str) -> str:
    path: str = route.trigger.path  # type: ignore[attr-defined]
    slug = "".join(c if c.isalnum() else "_" for c in path).strip("_")
    return f"{_name_and_method(route, method)}_{slug}"


class _Security:
    """The security schemes of the document: one set for each guard, under its function's name."""

    def __init__(self, openapi: OpenApi) -> None:
        self._openapi = openapi
        self._known: dict[Any, dict[str, list[str]]] = {}
        self.schemes: dict[str, Any] = {}

    def of(self, guards: Sequence[Guard]) -> dict[str, list[str]]:
        """The Security Requirement Object of a route behind these guards: all of their credentials."""
        return {name: scopes for guard in guards for name, scopes in self._of(guard).items()}

    def _of(self, guard: Guard) -> dict[str, list[str]]:
        if guard.key not in self._known:
            name = guard.name.rpartition(".")[2]
            schemes = security_of(guard, self._openapi.security_schemes)
            if self.schemes.keys() & schemes.keys():  # a guard of the same name in another module
                full = guard.name.replace("<locals>.", "")
                schemes = {f"{full}{key[len(name) :]}": scheme for key, scheme in schemes.items()}
            self.schemes |= schemes
            self._known[guard.key] = {key: [] for key in schemes}
        return self._known[guard.key]
