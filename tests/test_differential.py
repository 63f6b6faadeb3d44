"""The same small app in lambdarouter and in FastAPI through Mangum, asked what other projects' sample events ask.

Both tell what they see of a request. Either the replies are the same (status, headers, body, cookies), or the
difference has one of the reasons that are listed here. The FastAPI app is also mounted in an app of ours: then the
two differ in nothing but the way to it.
"""

import base64
import json
import logging
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import unquote

import pytest
from fastapi import FastAPI, Query as FastApiQuery, Request as FastApiRequest
from mangum import Mangum
from pydantic import BaseModel

from lambdarouter import App, Query, Request
from lambdarouter.testing import LambdaContext
from lambdarouter.testing.events import http

METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]
CLASSES = ("alb", "apigw_http_v2", "apigw_rest", "function_url")
# Of these, one app has its own word: how long the reply is, and the cookies, which are compared apart.
APART = ("cookie", "content-length")


def told(method: str, path: str, *, query: Any, cookies: Any, headers: Any, body: bytes) -> dict[str, Any]:
    return {
        "method": method,
        "path": path,
        "query": [list(pair) for pair in query],
        "cookies": dict(cookies),
        "headers": sorted([name.lower(), value] for name, value in headers if name.lower() not in APART),
        "body": base64.b64encode(body).decode(),
    }


theirs = FastAPI()
ours = App()


@theirs.api_route("/{path:path}", methods=METHODS)
async def their_echo(path: str, request: FastApiRequest) -> dict[str, Any]:
    return told(
        request.method,
        request.scope["path"],
        query=request.query_params.multi_items(),
        cookies=request.cookies,
        headers=request.headers.items(),
        body=await request.body(),
    )


@ours.route("/{rest:path}", methods=METHODS)
def our_echo(rest: str, request: Request) -> dict[str, Any]:
    seen: Any = request
    path = unquote(seen.path) if seen.encoded_path else seen.path
    return told(
        seen.method,
        path,
        query=seen.query.multi_items(),
        cookies=seen.cookies,
        headers=seen.headers.multi_items(),
        body=seen.body,
    )


mounted = App()
mounted.mount("/", theirs)


def through_mangum(application: Any) -> Callable[[Any, Any], Any]:
    """Made anew for each event: it takes hold of the current event loop."""

    def ask(event: Any, context: Any) -> Any:
        return Mangum(application, lifespan="off")(event, context)

    return ask


class Answer:
    """A reply without the shape of its gateway."""

    def __init__(self, ask: Callable[[Any, Any], Any], event: Any) -> None:
        self.status, self.error = 0, ""
        self.headers: dict[str, list[str]] = {}
        self.body: Any = None
        self.cookies: list[str] = []
        try:
            reply = ask(event, LambdaContext())
        except Exception as error:  # noqa: BLE001 - what Lambda would see as the function's error
            self.error = f"{type(error).__name__}: {error}"
            return
        self.status = reply["statusCode"]
        for name, value in (reply.get("headers") or {}).items():
            self.headers.setdefault(name.lower(), []).append(value)
        self.headers |= {name.lower(): list(values) for name, values in reply.get("multiValueHeaders", {}).items()}
        body = base64.b64decode(reply["body"]) if reply["isBase64Encoded"] else reply["body"].encode()
        self.body = json.loads(body) if "json" in str(self.headers.get("content-type")) else body
        self.cookies = reply.get("cookies") or []


def stage_of(event: Any) -> str:
    return f"/{event['requestContext'].get('stage')}"


def differences(mine: Answer, other: Answer, event: Any) -> Iterator[str]:
    """The reason of each difference; one without a listed reason is told as it is."""
    if other.error:
        # Mangum raises for what gateways do not send (numbers, missing fields, base64 that is none): a 502.
        yield "the peer raises"
        return
    if mine.error:
        yield f"we raise {mine.error}"
        return
    if mine.status != other.status:
        # The peer decodes what it can of a body that is not the base64 it claims to be.
        bad_base64 = mine.status == 400 and event.get("isBase64Encoded") is True
        yield "a body that is no base64" if bad_base64 else f"status {mine.status}, not {other.status}"
        return
    if mine.status == 404:
        # FastAPI's {"detail": "Not Found"} against problem+json: paths that do not begin with a slash.
        yield "problem+json"
        return
    if mine.cookies != other.cookies:
        yield f"cookies {mine.cookies}, not {other.cookies}"
    for name in mine.headers.keys() | other.headers.keys():
        if mine.headers.get(name) != other.headers.get(name):
            # FastAPI's own header, which gateways make anyway; with another body, another length.
            yield "content-length" if name == "content-length" else f"header {name}"
    for key in ("method", "path", "query", "cookies", "headers", "body"):
        seen, expected = mine.body[key], other.body[key]
        if seen != expected:
            yield reason(key, seen, expected, event)


def reason(key: str, seen: Any, expected: Any, event: Any) -> str:
    """Why both see a part of the request in two ways."""
    reasons = (word for word, holds in REASONS[key] if holds(seen, expected, event)) if key in REASONS else iter(())
    return next(reasons, f"{key}: {seen!r}, not {expected!r}")


def shown_path(event: Any) -> str:
    path: str = event["requestContext"].get("path") or event.get("rawPath") or event.get("path")
    return path


def joined(headers: list[list[str]]) -> list[list[str]]:
    values: dict[str, list[str]] = {}
    for name, value in headers:
        values.setdefault(name, []).append(value)
    return [[name, ", ".join(several)] for name, several in sorted(values.items())]


# For each part, the reasons and when they hold: of what we saw, what the peer saw, and the event.
REASONS: dict[str, list[tuple[str, Callable[[Any, Any, Any], bool]]]] = {
    "path": [
        ("the stage is no part of the path that is routed", lambda ours, peers, event: stage_of(event) + ours == peers),
        (
            "the stage is part of root_path, so that URLs are right",
            lambda ours, peers, event: unquote(shown_path(event)) == ours and ours.endswith(peers),
        ),
        (
            # Samples of 2020; live ones since have it decoded, and a second decoding would be one too many.
            "an HTTP API's rawPath is decoded already",
            lambda ours, peers, event: "%" in ours and event.get("version") == "2.0" and ours == event["rawPath"],
        ),
        (
            "rawPath and http.path differ, in a sample made by hand",
            lambda ours, peers, event: event.get("rawPath") == ours,
        ),
        (
            "a custom domain's base path is no part of the path that is routed",
            lambda ours, peers, event: shown_path(event) == peers and peers.endswith(ours),
        ),
    ],
    "query": [
        (
            "a query parameter counts that only one of the two maps has",
            lambda ours, peers, event: all(pair in ours for pair in peers),
        )
    ],
    "cookies": [
        (
            "a cookie without a name is none",
            lambda ours, peers, event: ours == {name: value for name, value in peers.items() if name},
        )
    ],
    "headers": [
        (
            "a header whose value is null is none",
            lambda ours, peers, event: ours == [pair for pair in peers if pair != ["content-type", ""]],
        ),
        ("several values of a header stay several", lambda ours, peers, event: joined(ours) == peers),
    ],
}


BOTH = {
    "the peer raises",
    "a body that is no base64",
    "problem+json",
    "content-length",
    "an HTTP API's rawPath is decoded already",
    "rawPath and http.path differ, in a sample made by hand",
    "several values of a header stay several",
    "a query parameter counts that only one of the two maps has",
    "a header whose value is null is none",
}
NATIVE = BOTH | {
    "the stage is no part of the path that is routed",
    "a custom domain's base path is no part of the path that is routed",
    "a cookie without a name is none",
}
MOUNTED = BOTH | {"the stage is part of root_path, so that URLs are right"}


# Mangum asks for the thread's current event loop, which Lambda's runtime has and pytest has not.
pytestmark = pytest.mark.usefixtures("current_loop")


@pytest.fixture
def quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)  # what samples made by hand break is told in the replies
    yield
    logging.disable(logging.NOTSET)


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize(("app", "listed"), [(ours, NATIVE), (mounted, MOUNTED)], ids=["native", "mounted"])
def test_replies_to_sample_events_are_the_same_or_differ_for_a_listed_reason(
    corpus: Path, app: App, listed: set[str]
) -> None:
    files = [path for kind in CLASSES for path in sorted((corpus / kind).glob("*.json"))]
    found: Counter[str] = Counter()
    unexplained: list[str] = []
    same = 0
    for path in files:
        text = path.read_text("utf-8")
        event = json.loads(text)
        reasons = list(
            differences(Answer(app, json.loads(text)), Answer(through_mangum(theirs), event), json.loads(text))
        )
        found.update(set(reasons))
        same += not set(reasons) - {"content-length"}
        unexplained += [f"{path.parent.name}/{path.name}: {why}" for why in reasons if why not in listed]

    assert "\n".join(unexplained) == ""
    # A reason that no sample needs any more goes.
    assert found.keys() == listed
    assert same > 0.6 * len(files) > 100


class Item(BaseModel):
    id: int
    name: str = "tea"


def shop(app: App, query: Any) -> App:
    """The same routes for both: the decorators, and the mark of a query parameter, are called alike."""

    @app.get("/items/{item_id}")
    def read(item_id: int, q: str | None = None, limit: int = 10, flag: bool = False) -> dict[str, Any]:  # noqa: FBT001, FBT002
        return {"id": item_id, "q": q, "limit": limit, "flag": flag}

    @app.get("/tags")
    def tags(tag: Annotated[list[str], query()]) -> list[str]:
        return tag

    @app.post("/items")
    def create(item: Item) -> Item:
        return item

    @app.put("/items/{item_id}")
    async def replace(item_id: int, item: Item) -> list[Item]:
        return [item]

    return app


OUR_SHOP = shop(App(), Query)
THEIR_SHOP = through_mangum(shop(FastAPI(), FastApiQuery))  # type: ignore[arg-type] # it decorates alike
JSON = {"content-type": "application/json"}
REQUESTS: list[tuple[str, str, dict[str, Any]]] = [
    ("GET", "/items/7", {}),
    ("GET", "/items/-7", {"query": {"q": "a b&c=é", "limit": "3", "flag": "yes"}}),
    ("GET", "/items/007", {}),
    ("GET", "/items/7.0", {}),
    ("GET", "/items/x", {}),
    ("GET", "/items/7", {"query": {"limit": "ten"}}),
    ("GET", "/items/7", {"query": {"limit": ""}}),
    ("GET", "/items/7", {"query": {"flag": "maybe"}}),
    ("GET", "/tags", {"query": {"tag": "a"}}),
    ("GET", "/tags", {}),
    ("GET", "/nowhere", {}),
    ("DELETE", "/tags", {}),
    ("POST", "/items", {"json": {"id": 1}}),
    ("POST", "/items", {"json": {"id": "1", "name": "é", "more": True}}),
    ("POST", "/items", {"json": {"id": "x"}}),
    ("POST", "/items", {"json": []}),
    ("POST", "/items", {"body": "", "headers": JSON}),
    ("POST", "/items", {"body": "{", "headers": JSON}),
    ("POST", "/items", {"body": "id=1", "headers": {"content-type": "application/x-www-form-urlencoded"}}),
    ("PUT", "/items/7", {"json": {"id": 1, "name": "b"}}),
]
# Where the statuses differ: ours first.
OTHER_STATUS = {
    ("POST", "/items", "{"): (400, 422),  # JSON that is none is malformed; what does not fit is unprocessable
    ("POST", "/items", "id=1"): (415, 422),  # so is a form that is sent where JSON is wanted
}


@pytest.mark.usefixtures("quiet")
@pytest.mark.parametrize("gateway", [http.rest, http.v2, http.url, http.alb], ids=lambda build: build.__name__)
@pytest.mark.parametrize(("method", "path", "options"), REQUESTS)
def test_typed_routes_answer_alike(gateway: Any, method: str, path: str, options: dict[str, Any]) -> None:
    mine = Answer(OUR_SHOP, gateway(method, path, **options))
    other = Answer(THEIR_SHOP, gateway(method, path, **options))

    assert not mine.error
    expected = OTHER_STATUS.get((method, path, options.get("body", "")))
    assert (mine.status, other.status) == (expected or (other.status, other.status))
    if mine.status == 200:
        assert mine.body == other.body
        assert mine.headers["content-type"] == other.headers["content-type"]
    else:
        # Errors have their own form: problem+json, with the places of what is wrong as FastAPI tells them.
        assert mine.headers["content-type"] == ["application/problem+json"]
        if mine.status == other.status == 422 and options.get("body") != "":
            assert [error["loc"] for error in mine.body["errors"]] == [error["loc"] for error in other.body["detail"]]
        if mine.status == 405:
            assert set(other.headers["allow"][0].split(", ")) <= set(mine.headers["allow"][0].split(", "))
