"""What is measured: topics, their cases, and who takes part.

A case is an event, and the function of a contender's file that makes a handler for it. A contender without that
function, or for whom the case's gateway is none of its `GATEWAYS`, takes no part in it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from lambdarouter.testing.events import cron, http, sqs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    Handler = Callable[[Any, Any], Any]

__all__ = ["KB", "TOPICS", "Case", "Topic"]

KB = 1024
HEADERS = {
    "Accept": "application/json",
    "Accept-Encoding": "gzip, deflate, br",
    "Accept-Language": "en-GB,en;q=0.9",
    "CloudFront-Forwarded-Proto": "https",
    "CloudFront-Is-Desktop-Viewer": "true",
    "CloudFront-Viewer-Country": "ES",
    "Via": "2.0 d111111abcdef8.cloudfront.net (CloudFront)",
}
ORDER = {
    "id": 42,
    "sku": "ABC-123-XYZ",
    "name": "A reasonably long product name",
    "qty": 3,
    "price": 19.99,
    "currency": "EUR",
    "gift": False,
    "tags": ["a", "b", "c"],
    "email": "someone@example.com",
    "created": "2026-01-01T14:00:00Z",
}
PREFLIGHT = {
    "Origin": "https://example.com",
    "Access-Control-Request-Method": "GET",
    "Access-Control-Request-Headers": "content-type",
}


class Case(NamedTuple):
    """One thing that is measured.

    `build`, `options`: the function that makes the handler, and what it is called with. `events`: sent one after the
    other. `status`, `text`: of a right reply; without a status, a batch's that reports nothing, or None. `base`: with
    whom all are compared. `measure`: what one value is, see `workers/calls.py`; it is divided by `per`. `size`: where
    the case stands on the axis, if its topic has one.
    """

    name: str
    build: str
    options: Mapping[str, Any]
    events: Sequence[Any]
    status: int | None = None
    text: str = ""
    base: str = "bare"
    measure: str = "call"
    per: int = 1
    size: int | None = None

    @property
    def key(self) -> str:
        """Its name among the topic's cases."""
        return self.name if self.size is None else f"{self.name}, {self.size}"


class Topic(NamedTuple):
    """Cases that make one table and one plot.

    `runner`: how they are run, see `RUNNERS` in `__main__.py`. `unit`: of the values, "s" or "B". `axis`: what `size`
    is. `contenders`: who may take part; everybody, unless it says. `rounds`: how often. `seconds`: for how long a case
    is repeated in each round; 0 is one call.
    """

    title: str
    runner: str
    unit: str
    cases: Callable[[], Iterable[Case]]
    contenders: Sequence[str] = ()
    axis: str = ""
    rounds: int = 5
    seconds: float = 0.1


def _request(gateway: str, method: str, path: str, resource: str = "", **more: Any) -> dict[str, Any]:
    headers = HEADERS | more.pop("headers", {})
    if gateway == "rest":
        # Chalice finds a route by the resource, as API Gateway has matched it.
        return http.rest(method, path, headers=headers, resource=resource or path, **more)
    return http.v2(method, path, headers=headers, **more)


def _starts() -> Iterable[Case]:
    options = {"gateway": "rest", "routes": 20}
    event = _request("rest", "GET", "/svc19/items/42", "/svc19/items/{item_id}")
    yield Case("20 plain routes", "plain", options, [event], 200, '"42"')
    event = _request("rest", "POST", "/svc19/orders", json=ORDER)
    yield Case("20 validated routes", "typed", options, [event], 200, "ABC-123-XYZ", base="bare_pydantic")


def _imports() -> Iterable[Case]:
    yield Case("a process that runs it", "", {}, [], base="nothing")


def _warm(gateway: str) -> Iterable[Case]:
    on = {"gateway": gateway}
    yield Case("GET static", "api", on, [_request(gateway, "GET", "/static")], 200, '"ok"')
    yield Case("GET a parameter", "api", on, [_request(gateway, "GET", "/items/42", "/items/{item_id}")], 200, '"42"')
    yield Case("async GET", "awaiting", on, [_request(gateway, "GET", "/static")], 200, '"ok"')
    yield Case("404", "missing", on, [_request(gateway, "GET", "/nope/nothing", "/{proxy+}")], 404)
    yield Case("preflight", "cors", on, [_request(gateway, "OPTIONS", "/static", headers=PREFLIGHT)], 204)
    post = [_request(gateway, "POST", "/orders", json=ORDER)]
    yield Case("POST 10 fields", "orders", on, post, 200, "ABC-123-XYZ", base="bare_pydantic")
    wrong = [_request(gateway, "POST", "/orders", json=ORDER | {"qty": "three"})]
    yield Case("422", "orders", on, wrong, 422, base="bare_pydantic")


def _around() -> Iterable[Case]:
    event = [_request("v2", "GET", "/static", headers={"Origin": "https://example.com"})]
    for name, build in (
        ("nothing", "api"),
        ("a router", "routed"),
        ("an exception handler", "rescued"),
        ("CORS", "cors"),
        ("a dependency", "dependent"),
        ("middleware", "layered"),
    ):
        yield Case(name, build, {"gateway": "v2"}, event, 200, '"ok"')


def _routes() -> Iterable[Case]:
    for routes in (1, 10, 100, 1000, 5000):
        on = {"gateway": "v2", "routes": routes}
        last = [_request("v2", "GET", f"/svc{routes - 1}/items/42")]
        yield Case("a parameter", "plain", on, last, 200, '"42"', size=routes)
        yield Case("static", "static", on, [_request("v2", "GET", f"/page{routes - 1}")], 200, '"ok"', size=routes)


def _registration() -> Iterable[Case]:
    for routes in (100, 1000, 5000):
        on = {"gateway": "v2", "routes": routes}
        last = [_request("v2", "GET", f"/svc{routes - 1}/items/42")]
        yield Case("a route", "plain", on, last, 200, '"42"', measure="build", per=routes, size=routes)


def _replies() -> Iterable[Case]:
    event = [_request("v2", "GET", "/big")]
    for size in (KB, 16 * KB, 64 * KB, 256 * KB, KB * KB, 6 * KB * KB - KB):
        yield Case("a JSON reply", "sized", {"size": size}, event, 200, "xxxx", size=size)


def _queue(records: int) -> list[Any]:
    return [sqs("jobs", *[{"order": number, "sku": "ABC-123-XYZ"} for number in range(records)])]


def _batch() -> Iterable[Case]:
    many, per, base = _queue(1000), 1000, "powertools"
    yield Case("sync, a record", "sqs", {}, many, base=base, per=per)
    yield Case("sync, JSON, a record", "sqs_json", {}, many, base=base, per=per)
    yield Case("sync, a model, a record", "sqs_typed", {}, many, base="powertools_validation", per=per)
    yield Case("async, a record", "sqs_async", {}, many, base=base, per=per)
    yield Case("async, 1,000 await 10 ms", "sqs_async", {"seconds": 0.01, "concurrency": 1000}, many, base=base)
    yield Case("sync, 10 block 50 ms", "sqs_blocking", {"seconds": 0.05}, _queue(10), base=base)


def _records(measure: str) -> Iterable[Case]:
    for records in (1, 10, 100, 1000, 10_000):
        for name, build in (("sync", "sqs"), ("async", "sqs_async")):
            yield Case(name, build, {}, _queue(records), base="powertools", measure=measure, per=records, size=records)


def _concurrency() -> Iterable[Case]:
    events = _queue(500)
    for limit in (1, 10, 50, 100, 500):
        yield Case("async", "sqs_async", {"seconds": 0.002, "concurrency": limit}, events, size=limit)
        yield Case("threads", "sqs_blocking", {"seconds": 0.002, "concurrency": limit}, events, size=limit)


def _cron() -> Iterable[Case]:
    # 24 ticks, so that no slot is due twice in a row.
    ticks = [cron.rule(f"2026-01-01T{hour:02}:00Z") for hour in range(24)]
    for jobs in (1, 10, 50, 200):
        yield Case("a tick", "cron", {"jobs": jobs}, ticks, size=jobs)


def _loop(name: str) -> Iterable[Case]:
    event = [_request("v2", "GET", "/svc0/items/42")]
    yield Case(name, "plain", {"gateway": "v2", "routes": 1}, event, base="raw socket + bare")


_OURS = ("lambdarouter", "before")
_FEW = ("bare", *_OURS, "powertools", "fastapi")

TOPICS: Mapping[str, Topic] = {
    "cold": Topic("Cold start", "start", "s", _starts, rounds=15),
    "memory": Topic("Peak memory", "memory", "B", _starts, rounds=3),
    "imports": Topic("Imports", "imports", "s", _imports, rounds=15),
    "routes": Topic("Routes", "calls", "s", _routes, _FEW, "routes", rounds=3),
    "registration": Topic("Registration", "calls", "s", _registration, _FEW, "routes", rounds=3),
    "http_api": Topic("HTTP API event", "calls", "s", lambda: _warm("v2")),
    "rest_api": Topic("REST API event", "calls", "s", lambda: _warm("rest")),
    "around": Topic("What is around a handler", "calls", "s", _around, _FEW),
    "replies": Topic("Replies", "calls", "s", _replies, _FEW, "bytes", rounds=3),
    "batch": Topic("SQS batch", "calls", "s", _batch),
    "records": Topic("Records", "calls", "s", lambda: _records("call"), axis="records", rounds=3),
    "record_memory": Topic("Memory of a record", "calls", "B", lambda: _records("peak"), axis="records", rounds=1),
    "concurrency": Topic("Concurrency", "calls", "s", _concurrency, _OURS, "concurrency", seconds=0),
    "cron": Topic("Cron", "calls", "s", _cron, ("bare", *_OURS), "jobs", rounds=3),
    "loop": Topic("Runtime loop", "loop", "s", lambda: _loop("from event to event")),
    "first": Topic("Runtime start", "first", "s", lambda: _loop("to the first request"), rounds=11),
}
