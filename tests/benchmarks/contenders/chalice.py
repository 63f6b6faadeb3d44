"""Chalice. It takes REST events only, and leaves unknown paths and preflights to API Gateway."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tests.benchmarks.cases import Handler

GATEWAYS = ("rest",)


def _app() -> Any:
    from chalice import Chalice

    return Chalice(app_name="benchmarks")


def api(gateway: str) -> Handler:
    app = _app()

    @app.route("/static")
    def static() -> Any:
        return {"ok": True, "n": 1}

    @app.route("/items/{item_id}")
    def item(item_id: str) -> Any:
        return {"id": item_id}

    handler: Handler = app
    return handler


def plain(gateway: str, routes: int) -> Handler:
    app = _app()
    for number in range(routes):

        @app.route(f"/svc{number}/items/{{item_id}}", name=f"read{number}")
        def read(item_id: str) -> Any:
            return {"id": item_id, "ok": True}

    handler: Handler = app
    return handler
