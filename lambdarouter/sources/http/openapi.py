"""What an app says of itself in its OpenAPI document, and the routes that serve the document and a page about it."""

from __future__ import annotations

from lambdarouter.errors import ConfigurationError
from lambdarouter.sources.http.response import Response

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from typing import Any

    from lambdarouter.core.route import Route
    from lambdarouter.sources.http.form import Limits

__all__ = ["OpenApi"]


class OpenApi:
    """`App(openapi=OpenApi("Shop", "1.4"))`: what stands at the head of the app's OpenAPI 3.1 document.

    `title`, `version`, `description` (CommonMark) and `servers` (URLs) are the document's own; `tags` maps names of
    tags to descriptions, in the order in which they are shown. `security_schemes` says what a guard takes where its
    parameters do not tell: its function's name to a Security Scheme Object.

    `path` and `docs` are where the app serves the document and a page that shows it, such as "/openapi.json" and
    "/docs"; None, the default: nowhere. Both are as private as the app's other routes, unless `public` is True.
    https://spec.openapis.org/oas/v3.1.1.html
    """

    __slots__ = (
        "_made",
        "description",
        "docs",
        "path",
        "public",
        "security_schemes",
        "servers",
        "tags",
        "title",
        "version",
    )

    def __init__(
        self,
        title: str = "API",
        version: str = "0.1.0",
        *,
        description: str = "",
        servers: Sequence[str] = (),
        tags: Mapping[str, str] | None = None,
        security_schemes: Mapping[str, Mapping[str, Any]] | None = None,
        path: str | None = None,
        docs: str | None = None,
        public: bool = False,
    ) -> None:
        for option, value in (("title", title), ("version", version), ("description", description)):
            if not isinstance(value, str) or (not value and option != "description"):
                msg = f"OpenApi({option}={value!r}): the {option} is a text"
                raise ConfigurationError(msg)
        if isinstance(servers, str) or not all(isinstance(url, str) for url in servers):
            msg = f'OpenApi(servers={servers!r}): it is a list of URLs such as ["https://api.example.com/v1"]'
            raise ConfigurationError(msg)
        self.title: str = title
        self.version: str = version
        self.description: str = description
        self.servers: tuple[str, ...] = tuple(servers)
        self.tags: Mapping[str, str] = dict(tags or {})
        self.security_schemes: Mapping[str, Mapping[str, Any]] = dict(security_schemes or {})
        self.path: str | None = path
        self.docs: str | None = docs
        self.public: bool = public
        self._made: tuple[int, dict[str, Any]] | None = None

    def document(self, routes: Iterable[Route], limits: Limits | None = None) -> dict[str, Any]:
        """The OpenAPI document of these routes (the HTTP ones), in an app with these limits.

        It is made anew where routes were added since.

        Raises `ConfigurationError` for a type that has no JSON schema, and an operation id that is given twice.
        """
        listed = list(routes)
        if self._made is None or self._made[0] != len(listed):
            from lambdarouter.sources.http.document import document  # noqa: PLC0415 - only for who asks

            self._made = len(listed), document(self, listed, limits)
        return self._made[1]

    def pages(self, routes: Callable[[], Iterable[Route]], limits: Limits | None) -> dict[str, Callable[[], Response]]:
        """The handlers of `path` and `docs`, by path."""

        def openapi_json() -> Response:
            from lambdarouter.core import codec  # noqa: PLC0415 - as above

            return Response(
                codec.encode(self.document(routes(), limits)), headers=[("content-type", "application/json")]
            )

        def docs_page() -> Response:
            from lambdarouter.sources.http.page import page  # noqa: PLC0415 - as above

            return page(self.document(routes(), limits), self.docs or "")

        pages = {self.path: openapi_json, self.docs: docs_page}
        return {path: handler for path, handler in pages.items() if path is not None}
