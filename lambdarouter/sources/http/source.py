"""The HTTP source: which handler answers a request, and with what reply."""

from __future__ import annotations

from lambdarouter.core import codec
from lambdarouter.core.parameter import EMPTY
from lambdarouter.core.route import Answer, Match, Outcome
from lambdarouter.core.scalar import members_of
from lambdarouter.core.signature import return_type
from lambdarouter.core.source import Source, is_payload
from lambdarouter.errors import ConfigurationError, HttpError, InvalidPayloadError
from lambdarouter.sources.http.gateways import AlbRequest, HttpApiRequest, RestRequest, UrlRequest
from lambdarouter.sources.http.parameter import provide
from lambdarouter.sources.http.problem import PROBLEM_HEADERS, Refusal, problem, status_of
from lambdarouter.sources.http.request import HttpRequest, without_base
from lambdarouter.sources.http.response import (
    BODILESS,
    JSON_HEADERS,
    NO_HEADERS,
    TEXT_HEADERS,
    URL_SAFE,
    JsonResponse,
    RedirectResponse,
    Response,
    made,
    to_response,
)
from lambdarouter.sources.http.router import HttpRoutes

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from typing import Any

    from lambdarouter.core.handler import Getter, Handler
    from lambdarouter.core.once import Repeats
    from lambdarouter.core.parameter import Parameter
    from lambdarouter.core.route import Route, Routes
    from lambdarouter.core.stream import Stream
    from lambdarouter.core.trigger import Trigger
    from lambdarouter.core.view import View
    from lambdarouter.sources.http.cors import Cors

__all__ = ["HttpSource"]

# Methods that need more than a look at the routes.
_SPECIAL = frozenset(("HEAD", "OPTIONS"))
# A character takes twelve bytes of the reply at most ("\\ud83d\\ude00"): so short a body fits, whatever is in it.
_SHORT = 80_000


# What is no stream, and no JSON, or not that alone.
_WHOLE = frozenset((type(None), str, bytes, tuple, Response, JsonResponse, RedirectResponse))


def _lattice(name: str, event: Any) -> HttpRequest:
    # Loaded where it is needed: most apps have another gateway.
    from lambdarouter.sources.http.lattice import LatticeRequest, LatticeV1Request  # noqa: PLC0415

    return LatticeRequest(event) if name == "http.lattice_v2" else LatticeV1Request(event)


_GATEWAYS: dict[str, type[HttpRequest]] = {
    "http.rest": RestRequest,
    "http.v2": HttpApiRequest,
    "http.url": UrlRequest,
    "http.alb": AlbRequest,
}


class HttpSource(Source):
    """Requests, whichever gateway they come through: one handler answers.

    A request is the only record of its event, and its routes are found by path: `match_all` does what `match` would.
    """

    names: tuple[str, ...] = (*_GATEWAYS, "http.lattice_v1", "http.lattice_v2")
    decorator = "@app.route(path)"
    record: type[View] = HttpRequest
    routes: type[Routes] = HttpRoutes
    wraps_unmatched = True
    streams = True

    def parse(self, event: Any, name: str) -> HttpRequest:
        """The request, as its gateway tells it."""
        gateway = _GATEWAYS.get(name)
        return _lattice(name, event) if gateway is None else gateway(event)

    def split(self, event: HttpRequest) -> Sequence[HttpRequest]:
        """The request is the one record."""
        return (event,)

    def match_all(self, event: HttpRequest, routes: HttpRoutes) -> list[Match | Outcome]:
        """The route of method and path, or 404, or 405 with Allow."""
        try:
            settings = event.settings = routes.registry.settings
            if settings.replies is not None:
                event.cors, event.finishes = settings.replies.cors, True
            method, path = event.line()
            if settings.base_path:
                path = without_base(path, settings.base_path)
            event.routed = path
            segments = event.segments() if "%" in path else None
            if method in _SPECIAL:
                answer = _special(event, routes, method, segments)
                if answer is not None:
                    return [answer]
            if segments is None:
                route, params, allowed = routes.find(method, path)
            else:
                route, params, allowed = routes.find_segments(method, segments)
            if route is not None:
                event.path_params = params
                trigger: Any = route.trigger
                event.trigger = trigger
                if trigger.finishes:
                    event.cors, event.finishes = trigger.cors or event.cors, True
                return [Match(route, event, None)]
            if allowed:
                _take_cors(event, routes, allowed, segments)
            return [_unanswered(event, routes, method, segments, allowed)]
        except Exception as error:  # noqa: BLE001 - the request's, or a converter's
            return [Outcome(event, error=error)]

    def short_reply(self, match: Match, value: Any) -> Any:
        """The gateway's reply, but for what may be a stream."""
        route: Any = match.route
        write, request, status = route.handler.write, match.record, route.trigger.status or 200
        if write is not None:
            text = write(value)
        else:
            text = codec.encode(value) if type(value) is dict or type(value) is list else None
        if text is None:
            return request.answer(self.result(match, value)) if type(value) in _WHOLE else EMPTY
        if request.finishes:
            return request.answer(self._finished(made(text, status, JSON_HEADERS), request, route))
        if len(text) >= _SHORT:
            request.check(made(text, status, JSON_HEADERS))
        return request.answer_json(text, status)

    def result(self, match: Match, value: Any) -> Response:
        """The handler's value as a response, within the gateway's limit of size."""
        route: Any = match.route
        response = (
            to_response(value, None, None)
            if route is None
            else to_response(value, route.trigger.status, route.handler.write)
        )
        if _is_short(response) and not match.record.finishes and response.status not in BODILESS:
            return response  # like nearly all, of which there is nothing to do
        return self._finished(response, match.record, route)

    def settled(self, match: Match, outcome: Outcome) -> Outcome:
        """With an error, or a Response, which is finished as a handler's is."""
        if outcome.error is not None:
            return outcome
        if not isinstance(outcome.value, Response) or outcome.value.chunks is not None:
            msg = (
                f"middleware answered {match.record.method} {match.record.path} with {type(outcome).__name__}(...), "
                "which has neither an error nor a whole Response: set call.reply to a value or a Response, or give it "
                "an error="
            )
            raise TypeError(msg)
        return Outcome(match.record, match.route, self.result(match, outcome.value))

    def _finished(self, response: Response, request: HttpRequest, route: Route | None) -> Response:
        response = response.complete(request)
        fits = request.own_headers is None and _is_short(response)
        if response.chunks is not None:
            if not response.chunks.pulled:
                return response
            from lambdarouter.sources.http.streaming import streamed  # noqa: PLC0415 - only for streams

            response = streamed(response, None if route is None else route.handler)
        has_body = response.body is not None or response.chunks is not None
        if request.finishes or (has_body and response.status in BODILESS):
            from lambdarouter.sources.http.finish import finish  # noqa: PLC0415 - only where there is anything to do

            response = finish(request, response, None if route is None else route.trigger)
        if response.chunks is None and not fits:
            request.check(response)
        return response

    def respond(self, event: HttpRequest, outcomes: Sequence[Outcome]) -> dict[str, Any] | Stream:
        """The gateway's reply; an error is a problem document."""
        outcome = outcomes[0]
        response = outcome.value
        if response is None:
            assert outcome.error is not None  # noqa: S101 - for the type checker: there is always either
            if event.settings.raise_server_errors and not isinstance(outcome.error, (HttpError, InvalidPayloadError)):
                raise outcome.error
            response = problem(outcome.error, event, debug=event.settings.debug)
            if response.status == 401:  # noqa: PLR2004
                _challenge(event, outcome.route)
            if event.finishes:
                from lambdarouter.sources.http.finish import finish  # noqa: PLC0415 - see above

                try:
                    response = finish(event, response, None)
                    if event.own_headers is not None:
                        event.check(response)
                except Exception as error:  # noqa: BLE001 - a function of origins is user code
                    outcome.error = error  # for the log: nobody else tells of it
                    response = problem(error, event, debug=event.settings.debug)
        if response.headers is PROBLEM_HEADERS:
            return event.answer_json(response.body, response.status, "application/problem+json")
        if response.chunks is not None:
            from lambdarouter.sources.http.streaming import stream  # noqa: PLC0415 - only for streams

            return stream(event, response)
        return event.answer(response)

    def rescuer(self, error: Exception, layers: Sequence[Mapping[Any, Handler]]) -> Handler | None:
        """By the error's class or status."""
        from lambdarouter.sources.http.rescue import find_rescue  # noqa: PLC0415 - only where there is any

        return find_rescue(error, layers)

    def rescued(self, match: Match, value: Any) -> Outcome:
        """The handler's value, with the error's status where it has none of its own. A 5xx is still a failure."""
        error = match.ready.error if match.ready is not None else None
        assert error is not None  # noqa: S101 - for the type checker: it is what was rescued
        response = to_response(value, status_of(error), None)
        if response.status == 401:  # noqa: PLR2004
            _challenge(match.record, match.route)
        response = self._finished(response, match.record, match.route)
        return Outcome(match.record, match.route, response, error if response.status >= 500 else None)  # noqa: PLR2004

    def reports(self, outcome: Outcome) -> bool:
        """What the client did wrong is not for the log."""
        error = outcome.error
        return not (isinstance(error, InvalidPayloadError) or (isinstance(error, HttpError) and error.status < 500))  # noqa: PLR2004

    def repeats(self) -> Repeats:
        """By Idempotency-Key, with the reply that was sent."""
        from lambdarouter.sources.http.idempotency import Idempotency  # noqa: PLC0415 - only for routes with once=

        return Idempotency()

    def plan(self, fn: Callable[..., Any], trigger: Trigger) -> Handler:
        """Plan the handler, with the guard before everything else it depends on."""
        handler = super().plan(fn, trigger)
        options: Any = trigger  # an HttpTrigger: its decorator made it
        returns = return_type(fn)
        _declare(handler, _yielded(returns) if handler.streams else returns)
        if options.auth is not None:
            from lambdarouter.core.guard import Guard  # noqa: PLC0415 - only where there is one

            guard = Guard(options.auth)
            handler.depend_on((guard, *handler.direct))
        return handler

    def provide(self, parameter: Parameter, trigger: Trigger) -> Getter | None:
        """Framework types, marks, path parameters, query parameters, and the body."""
        return provide(parameter, trigger)  # type: ignore[arg-type] # an HttpTrigger: its decorator made it

    def choices(self) -> str:
        """What a parameter may be."""
        return (
            "a name in the path, a query parameter (annotated as a scalar), the JSON body (annotated as a model or a "
            "dict), Request, Identity, UploadFile, Context, Allow (with auth=), or Annotated[T, Header() | Query() | "
            "Cookie() | Path() | Body() | Form() | File() | Depends(f)]"
        )


def _challenge(request: HttpRequest, route: Route | None) -> None:
    """Have a 401 tell which credentials the route's guards take, where neither it nor anybody else does."""
    if route is not None:
        from lambdarouter.sources.http.security import challenge_of  # noqa: PLC0415 - only for a 401

        challenge = challenge_of(route, request.settings.security_schemes)
        if challenge:
            request.response_headers.setdefault("www-authenticate", challenge)


def _is_short(response: Response) -> bool:
    """Whether it fits, whatever is in it: text without headers of its own; what an app adds is not much."""
    headers = response.headers
    plain = headers is JSON_HEADERS or headers is TEXT_HEADERS or headers is NO_HEADERS
    return plain and len(response.body or "") < _SHORT


def _find(record: HttpRequest, routes: HttpRoutes, method: str, segments: list[str] | None) -> Any:
    return routes.find(method, record.path) if segments is None else routes.find_segments(method, segments)


def _special(record: HttpRequest, routes: HttpRoutes, method: str, segments: list[str] | None) -> Outcome | None:
    """The answer to a preflight; of HEAD, a note that the reply is to have no body."""
    if method == "HEAD":
        record.bodiless = record.finishes = True
        return None
    return _preflight(record, routes, segments)


def _take_cors(record: HttpRequest, routes: HttpRoutes, methods: frozenset[str], segments: list[str] | None) -> None:
    """A path's CORS, for what none of its routes answers: that of the first of them that has any."""
    for method in sorted(methods):
        route = _find(record, routes, method, segments)[0]
        if route is not None and route.trigger.cors is not None:
            record.cors, record.finishes = route.trigger.cors, True
            return


def _methods(record: HttpRequest, routes: HttpRoutes, segments: list[str] | None) -> frozenset[str]:
    """All methods of the request's path."""
    # There is no method of this name: what comes back is what there is otherwise.
    found: frozenset[str] = _find(record, routes, "", segments)[2]
    return found


def _listed(cors: Cors, route: Any, record: HttpRequest, routes: HttpRoutes, segments: list[str] | None) -> str:
    """The methods that a preflight is told of, for a path that this route answers."""
    if route.trigger.parameters:  # it answers many paths, and other routes may answer some of them, too
        return cors.listed(_methods(record, routes, segments))
    # Worked out once; a route that is added later may answer the same path.
    known = cors.known.get(route)
    if known is None or known[0] != len(routes.routes):
        known = cors.known[route] = len(routes.routes), cors.listed(_methods(record, routes, segments))
    return known[1]


def _preflight(record: HttpRequest, routes: HttpRoutes, segments: list[str] | None) -> Outcome | None:
    """The answer to a preflight; None where no CORS says anything, so that it is a request like any other."""
    wanted, origin = record.peek_header("access-control-request-method"), record.peek_header("origin")
    if wanted is None or origin is None:
        return None
    route = _find(record, routes, wanted, segments)[0]
    if route is not None:
        cors = record.cors = route.trigger.cors or record.cors
        if cors is None:
            return None
        listed = _listed(cors, route, record, routes, segments)
    else:
        methods = _methods(record, routes, segments)
        _take_cors(record, routes, methods, segments)
        cors = record.cors
        if cors is None:
            return None
        listed = cors.listed(methods or (wanted,))
    record.finishes = True
    try:
        asked = record.peek_header("access-control-request-headers")
        return Answer(record, None, cors.preflight(origin, listed, asked))
    except HttpError as error:
        return Outcome(record, error=error)


def _unanswered(
    record: HttpRequest, routes: HttpRoutes, method: str, segments: list[str] | None, allowed: frozenset[str]
) -> Outcome:
    """What a request gets that no route takes: OPTIONS what there is, the others 405, a redirect, or 404."""
    if allowed:
        allow = {"allow": ", ".join(sorted(allowed | {"OPTIONS"}))}
        if method == "OPTIONS":
            return Answer(record, None, Response(None, headers=allow))
        return _refused(record, 405, allow)
    if routes.registry.settings.trailing_slash == "redirect" and record.path[:1] == "/":
        segments = segments or record.path.split("/")[1:]
        slashed = len(segments) > 1 and not segments[-1]
        other = segments[:-1] if slashed else [*segments, ""]
        if routes.find_segments(method, other)[0] is not None:
            from urllib.parse import quote  # noqa: PLC0415 - 10 ms, for redirects only

            # Relative to the request's URL, which may start with a stage or a base path that nobody tells.
            last = quote(other[-1] if slashed else segments[-1], safe="", errors="replace")
            location = f"../{last}" if slashed else f"./{last}/"
            if record.raw_query:
                location += f"?{quote(record.raw_query, safe=URL_SAFE, errors='replace')}"
            return Answer(record, None, Response(None, 308, {"location": location}))
    return _refused(record, 404)


def _refused(record: HttpRequest, status: int, headers: dict[str, str] | None = None) -> Outcome:
    if record.finishes:  # `respond` has more to do than to send it
        return Outcome(record, error=HttpError(status, headers=headers))
    return Refusal(record, status, headers)


def _declare(handler: Handler, returns: Any) -> None:
    """Have the handler's values written as the JSON of a declared return type, unless they say enough themselves."""
    union = members_of(returns)
    members = [member for member in union if not getattr(member, "writes_itself", False)]
    if returns is EMPTY or all(map(_is_plain, members)):
        return
    # A Response is sent as it is, and None is no content: what is left is what JSON is written for.
    declared = members[0]
    for member in members[1:]:
        declared = declared | member
    optional = union != (returns,) and type(None) in returns.__args__
    spared = (Response, type(None)) if optional else (Response,)
    if not is_payload(declared):
        msg = f"the declared return type {returns!r} has no JSON form: return a model, a dataclass, data or a Response"
        raise ConfigurationError(msg)

    write = None

    def load(value: Any) -> str | None:
        nonlocal write
        if write is None:
            from lambdarouter.core import binding  # noqa: PLC0415 - pydantic: only where it is needed

            handler.write = write = binding.reply_writer(declared, spared)
        return write(value)  # of a stream that began before

    handler.write = load


def _yielded(returns: Any) -> Any:
    """What a generator declared like this yields: `Iterator[T]`, `AsyncGenerator[T, None]`."""
    arguments = getattr(returns, "__args__", ())
    return arguments[0] if arguments else EMPTY


def _is_plain(annotation: Any) -> bool:
    """Whether values of this type are JSON as they are, so that pydantic would change nothing."""
    if getattr(annotation, "__origin__", None) in (dict, list):
        return all(_is_plain(member) for item in annotation.__args__ for member in members_of(item))
    return annotation in _PLAIN or getattr(annotation, "__name__", "") == "Any"


_PLAIN = (dict, list, str, bytes, int, float, bool, None, type(None), object)
