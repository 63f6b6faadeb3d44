"""All gateways, ALB in both its modes: the same request through each, and each reply as a client would see it."""

from __future__ import annotations

import json
from base64 import b64decode
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from lambdarouter import App, Completion
from lambdarouter.testing.events import http
from tests.sources.http import guarded

__all__ = ["Answer", "Gateway", "gateway", "no_calls", "send"]

_BUILDERS: dict[str, Callable[..., dict[str, Any]]] = {
    "rest": http.rest,
    "v2": http.v2,
    "url": http.url,
    "alb": http.alb,
    "alb multi-value": partial(http.alb, multi_value=True),
    "lattice v1": http.lattice_v1,
    "lattice v2": http.lattice_v2,
}


class Answer:
    """What the client gets: the gateway's reading of the function's reply."""

    def __init__(self, reply: Any) -> None:
        json.dumps(reply, allow_nan=False).encode()  # Lambda could send it
        assert isinstance(reply["statusCode"], int)
        assert isinstance(reply["body"], str)
        self.raw = reply
        self.status: int = reply["statusCode"]
        self.body = b64decode(reply["body"], validate=True) if reply["isBase64Encoded"] else reply["body"].encode()
        pairs: list[tuple[str, str]] = list(reply.get("headers", {}).items())
        pairs += [(name, value) for name, values in reply.get("multiValueHeaders", {}).items() for value in values]
        pairs += [("set-cookie", cookie) for cookie in reply.get("cookies", [])]
        self.headers: dict[str, list[str]] = {}
        for name, value in pairs:
            assert isinstance(value, str)
            self.headers.setdefault(name.lower(), []).append(value)

    def header(self, name: str) -> str | None:
        """The values of a header as one line, None where it is absent."""
        return ", ".join(self.headers[name]) if name in self.headers else None

    @property
    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)

    @property
    def problem(self) -> Any:
        """The body as a problem document, whose members have to agree with the reply."""
        assert self.header("content-type") == "application/problem+json"
        document = self.json
        assert document["status"] == self.status
        assert document["title"]
        return document


class Gateway:
    """One way to the function: builds its events, sends them, reads the replies."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.build = _BUILDERS[name]
        self.decodes_paths = name == "v2"
        # Of several values of a query parameter, it keeps the last.
        self.keeps_last = name in ("alb", "lattice v1")
        # It takes one cookie in a reply.
        self.one_cookie = name.startswith("lattice")
        self.encodes_query = name.startswith("alb")

    def __call__(self, app: App, method: str, target: str, **request: Any) -> Answer:
        """Send a request; `change=` is a dict that is laid over the event.

        The app is started before: nearly all events come to one that is, and take a shorter way than its first.
        """
        app.start()
        return Answer(app(self.event(method, target, **request)))

    def complete(self, app: App, method: str, target: str, **request: Any) -> Completion:
        """The same, for the outcomes."""
        return app.complete(self.event(method, target, **request))

    def event(self, method: str, target: str, **request: Any) -> dict[str, Any]:
        """The request as an event."""
        change = request.pop("change", {})
        if self.name == "lattice v1" and "isBase64Encoded" in change:
            change = {"is_base64_encoded" if key == "isBase64Encoded" else key: each for key, each in change.items()}
        event: dict[str, Any] = self.build(method, target, **request) | change
        return event


@pytest.fixture(params=list(_BUILDERS))
def gateway(request: pytest.FixtureRequest) -> Gateway:
    """Each gateway in turn: `gateway(app, "GET", "/orders/17")` is an `Answer`."""
    return Gateway(request.param)


@pytest.fixture
def send() -> Gateway:
    """One gateway, for what does not depend on it."""
    return Gateway("rest")


@pytest.fixture
def no_calls() -> None:
    """Start with no guard or handler of `guarded` called."""
    guarded.CALLS.clear()
