"""Litestar behind Mangum, with msgspec's models, which are its own."""

from datetime import datetime

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any

    from tests.benchmarks.cases import Handler


def _served(handlers: "list[Any]", **options: "Any") -> "Handler":
    from litestar import Litestar
    from mangum import Mangum

    app = Litestar(route_handlers=handlers, openapi_config=None, logging_config=None, **options)
    return Mangum(app, lifespan="off")


def _order() -> "Any":
    from msgspec import defstruct

    return defstruct(
        "Order",
        [
            ("id", int),
            ("sku", str),
            ("name", str),
            ("qty", int),
            ("price", float),
            ("currency", str),
            ("gift", bool),
            ("tags", list[str]),
            ("email", str),
            ("created", datetime),
        ],
    )


def api(gateway: str) -> "Handler":
    from litestar import get

    @get("/static")
    async def static() -> dict[str, object]:
        return {"ok": True, "n": 1}

    @get("/items/{item_id:str}")
    async def item(item_id: str) -> dict[str, object]:
        return {"id": item_id}

    return _served([static, item])


missing = api
awaiting = api


def orders(gateway: str) -> "Handler":
    from litestar import post

    model = _order()

    async def create(data: "Any") -> "Any":
        return data

    create.__annotations__ = {"data": model, "return": model}
    return _served([post("/orders", status_code=200)(create)])


def cors(gateway: str) -> "Handler":
    from litestar import get
    from litestar.config.cors import CORSConfig

    @get("/static")
    async def static() -> dict[str, object]:
        return {"ok": True, "n": 1}

    allow = CORSConfig(allow_origins=["https://example.com"], allow_methods=["GET"], allow_headers=["content-type"])
    return _served([static], cors_config=allow)


def plain(gateway: str, routes: int) -> "Handler":
    from litestar import get

    handlers = []
    for number in range(routes):

        @get(f"/svc{number}/items/{{item_id:str}}")
        async def read(item_id: str) -> dict[str, object]:
            return {"id": item_id, "ok": True}

        handlers.append(read)
    return _served(handlers)


def typed(gateway: str, routes: int) -> "Handler":
    from litestar import post

    model, handlers = _order(), []
    for number in range(routes):

        async def create(data: "Any") -> "Any":
            return data

        create.__annotations__ = {"data": model, "return": model}
        handlers.append(post(f"/svc{number}/orders", status_code=200)(create))
    return _served(handlers)
