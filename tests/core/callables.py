"""Things that can be called, and an app that takes them as handlers or refuses them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

import pytest

from lambdarouter import App, ConfigurationError
from lambdarouter.testing.events import http

__all__ = ["AsyncCallee", "Callee", "Shop", "ask", "plain", "refused", "scaled"]


def ask(fn: Callable[..., Any], target: str = "/n/7?q=hello", **request: Any) -> Any:
    """Register `fn` for /n/{n}, send it one request and return the JSON of its reply."""
    app = App()
    app.route("/n/{n}", methods=["GET", "POST"])(fn)
    reply = app(http.rest("POST" if request else "GET", target, **request))
    assert reply["statusCode"] == 200, reply
    return json.loads(reply["body"])


def refused(fn: Callable[..., Any], path: str = "/n/{n}") -> str:
    """The message with which registration refuses `fn`."""
    with pytest.raises(ConfigurationError) as caught:
        App().post(path)(fn)
    return str(caught.value)


def plain(n: int, q: str) -> list[Any]:
    return [n, q]


def scaled(factor: int, n: int, q: str) -> list[Any]:
    return [factor * n, q]


class Shop:
    def method(self, n: int, q: str) -> list[Any]:
        return [n, q]

    @classmethod
    def of_class(cls, n: int, q: str) -> list[Any]:
        return [n, q]

    @staticmethod
    def of_nobody(n: int, q: str) -> list[Any]:
        return [n, q]


class Callee:
    def __call__(self, n: int, q: str) -> list[Any]:
        return [n, q]


class AsyncCallee:
    async def __call__(self, n: int, q: str) -> list[Any]:
        await asyncio.sleep(0)
        return [n, q]
