"""Flask behind apig-wsgi."""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from flask import Flask

    from tests.benchmarks.cases import Handler


def _app() -> Flask:
    from flask import Flask

    return Flask("benchmarks")


def _served(app: Flask) -> Handler:
    from apig_wsgi import make_lambda_handler

    handler: Handler = make_lambda_handler(app)
    return handler


def api(gateway: str) -> Handler:
    app = _app()

    @app.get("/static")
    def page() -> dict[str, object]:
        return {"ok": True, "n": 1}

    @app.get("/items/<item_id>")
    def item(item_id: str) -> dict[str, object]:
        return {"id": item_id}

    return _served(app)


missing = api


def plain(gateway: str, routes: int) -> Handler:
    app = _app()
    for number in range(routes):

        def read(item_id: str) -> dict[str, object]:
            return {"id": item_id, "ok": True}

        app.add_url_rule(f"/svc{number}/items/<item_id>", f"read{number}", read)
    return _served(app)
