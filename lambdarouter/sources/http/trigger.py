"""The HTTP trigger: what `@app.route` takes, and one decorator for each method."""

from __future__ import annotations

from lambdarouter.core.http import check_guard
from lambdarouter.core.signature import partial
from lambdarouter.core.trigger import Trigger
from lambdarouter.errors import ConfigurationError
from lambdarouter.sources.http.response import BODILESS
from lambdarouter.sources.http.router import parse_path
from lambdarouter.sources.http.source import HttpSource

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping, Sequence
    from typing import Any, Concatenate, Final, ParamSpec

    from lambdarouter.core.http import Allow, Deny
    from lambdarouter.core.once import Once
    from lambdarouter.core.source import Source
    from lambdarouter.sources.http.cors import Cors
    from lambdarouter.sources.http.described import Described
    from lambdarouter.sources.http.form import Limits
    from lambdarouter.sources.http.path import Converter
    from lambdarouter.sources.http.request import HttpRequest

    P = ParamSpec("P")

__all__ = ["HttpTrigger", "check_limits", "delete", "get", "head", "options", "patch", "post", "put"]

_UNTOLD = ((), None, False, None, None, True)
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS")


def check_limits(limits: Any) -> None:
    """Refuse what is no `Limits`."""
    if limits is not None and type(limits).__name__ != "Limits":
        msg = f"limits is {limits!r}; it is Limits(body=…, parts=…, field=…)"
        raise ConfigurationError(msg)


class HttpTrigger(Trigger):
    """`@app.route("/orders/{order_id}", methods=["GET"])`, and one decorator for each method: `@app.get(path)`.

    `path`: segments, each literal or a parameter: `{name}`, `{name:int}`, `{name:float}`, `{name:uuid}`, one of
    `register_converter`, or `{name:path}`, the rest of the path; empty for a router's prefix itself. `status`: of
    replies that are no `Response`; 200, or 204 for None, by default. `auth`: the authorizer function that guards the
    route.
    `public`: whether the route is open in an app or router that has a guard. `cors`: who may read its replies from
    pages of other origins. `etag`: whether its replies carry a tag of their body, and a client that has it gets 304.
    `limits`: how much of a body is read, where it is not what the app says.
    `once`: whether a request that comes again, with one Idempotency-Key, gets the reply that was sent (see `Once`).

    For the OpenAPI document alone: `tags`, `summary` (else the docstring's first line), `deprecated`, `operation_id`
    (else the function's name), `responses` (replies that the signature does not tell: a status to a description of its
    problem document, or to the type of its JSON), `documented=False` to leave the route out.
    """

    __slots__ = (
        "auth",
        "converters",
        "cors",
        "described",
        "etag",
        "finishes",
        "limits",
        "methods",
        "parameters",
        "path",
        "public",
        "segments",
        "status",
    )

    source: type[Source] = HttpSource

    def __init__(
        self,
        path: str,
        methods: Sequence[str] = ("GET",),
        *,
        status: int | None = None,
        auth: Callable[..., Allow | Deny | Awaitable[Allow | Deny]] | None = None,
        public: bool = False,
        cors: Cors | None = None,
        etag: bool = False,
        limits: Limits | None = None,
        tags: Sequence[str] = (),
        summary: str | None = None,
        deprecated: bool = False,
        operation_id: str | None = None,
        responses: Mapping[int, Any] | None = None,
        documented: bool = True,
        once: bool | Callable[[HttpRequest], str | None] | Once = False,
    ) -> None:
        super().__init__(once=once)
        # What is said for the document alone, None where nothing is.
        self.described: Described | None = None
        if (tags, summary, deprecated, operation_id, responses, documented) != _UNTOLD:
            from lambdarouter.sources.http.described import Described  # noqa: PLC0415 - as above

            self.described = Described(
                tags=tags,
                summary=summary,
                deprecated=deprecated,
                operation_id=operation_id,
                responses=responses,
                documented=documented,
            )
        self._take(path)
        if isinstance(methods, str) or not methods:
            msg = f'methods is {methods!r}; it is a list such as ["GET", "POST"]'
            raise ConfigurationError(msg)
        unknown = [method for method in methods if method not in _METHODS]
        if unknown:
            msg = f"unknown method {unknown[0]!r}; methods are {', '.join(_METHODS)}, in upper case"
            raise ConfigurationError(msg)
        if status is not None and not (isinstance(status, int) and 200 <= status <= 599):  # noqa: PLR2004 - HTTP's final statuses
            msg = f"status is {status!r}; a reply's status is 200 to 599"
            raise ConfigurationError(msg)
        check_guard(auth, public=public)
        check_cors(cors)
        if type(etag) is not bool:
            msg = f"etag is {etag!r}; it is True or False"
            raise ConfigurationError(msg)
        self.methods: tuple[str, ...] = tuple(dict.fromkeys(methods))
        self.status: int | None = status
        self.auth: Callable[..., Allow | Deny | Awaitable[Allow | Deny]] | None = auth
        self.public: bool = public
        self.cors: Cors | None = cors
        self.etag: bool = etag
        check_limits(limits)
        self.limits: Limits | None = limits
        # Whether there is anything to add to its replies.
        self.finishes: bool = etag or cors is not None or status in BODILESS

    def _take(self, path: str) -> None:
        # An empty path is the prefix of a router itself; without one, the router refuses it.
        self.segments: list[tuple[str, Converter | None]] = parse_path(path) if path else []
        self.path: str = path
        self.converters: dict[str, Converter] = {
            name: converter for name, converter in self.segments if converter is not None
        }
        self.parameters: set[str] = set(self.converters)

    def inherits(self, cors: Cors | None, auth: Callable[..., Any] | None) -> HttpTrigger:
        """The same route with the CORS and the guard of what it stands in, where it has none of its own."""
        twin = self.twin()
        if cors is not None and self.cors is None:
            twin.cors, twin.finishes = cors, True
        if not self.public:
            twin.auth = self.auth or auth
        return twin

    def prefixed(self, prefix: str) -> HttpTrigger:
        """The same route under a prefix."""
        twin = self.twin()
        twin._take(prefix + self.path)  # noqa: SLF001 - its own kind
        return twin

    def tagged(self, tags: Sequence[str]) -> HttpTrigger:
        """The same route with a router's tags before its own."""
        from lambdarouter.sources.http.described import told_of  # noqa: PLC0415 - only for documents

        twin = self.twin()
        twin.described = told_of(self).under(tags)
        return twin

    def describe(self) -> str:
        """Methods and path."""
        return f"{'|'.join(self.methods)} {self.path}"


def check_cors(cors: Any) -> None:
    """Raise `ConfigurationError` for what is no `Cors`."""
    if cors is None:
        return
    from lambdarouter.sources.http.cors import Cors  # noqa: PLC0415 - only where there is any

    if not isinstance(cors, Cors):
        msg = f'cors is {cors!r}; it is a Cors, such as Cors("https://shop.example.com")'
        raise ConfigurationError(msg)


def _verb(
    trigger: Callable[Concatenate[str, Sequence[str], P], HttpTrigger], method: str
) -> Callable[Concatenate[str, P], HttpTrigger]:
    """The trigger with its method fixed; the other options stay as they are, for type checkers too."""

    def of(path: str, /, *args: P.args, **options: P.kwargs) -> HttpTrigger:
        return trigger(path, (method,), *args, **options)

    of.__name__ = of.__qualname__ = method.lower()
    of.__doc__ = f"`@app.{method.lower()}(path)`: answer {method} requests. Options as for `@app.route`."
    # What inspect.signature and help show.
    of.__wrapped__ = partial(trigger, methods=(method,))  # type: ignore[attr-defined]
    return of


get: Final = _verb(HttpTrigger, "GET")
post: Final = _verb(HttpTrigger, "POST")
put: Final = _verb(HttpTrigger, "PUT")
patch: Final = _verb(HttpTrigger, "PATCH")
delete: Final = _verb(HttpTrigger, "DELETE")
head: Final = _verb(HttpTrigger, "HEAD")
options: Final = _verb(HttpTrigger, "OPTIONS")
